import { Cells } from "@ingot/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../../packages/common/test/support/runs.ts";
import type { EntryBatches } from "../src/duplicates.ts";
import { Helpers } from "../src/helpers.ts";
import { IdentityWriter } from "../src/identities.ts";
import { BitSet, LatestOfEach } from "../src/latest-of-each.ts";

interface Version {
  identity: string;
  version: string;
}

const SEED = 7;

/** Adds a row with a version such as `2.1`: version 2, subversion 1. */
function add(latest: LatestOfEach, { identity, version }: Version, row: number): void {
  const writer = new IdentityWriter(SEED);
  const cells = new Cells(1);
  cells.set([identity]);
  const [day = 0, second = 0] = version.split(".").map(Number);
  writer.add(cells, 0, day, second, 0);
  latest.add(writer.grouped(), row);
}

async function losersOf(records: readonly Version[], limit?: number, helpers?: Helpers): Promise<number[]> {
  const latest = new LatestOfEach(limit);
  for (const [index, record] of records.entries()) add(latest, record, index);
  const compare = helpers && ((batches: EntryBatches) => helpers.compare(batches));
  const losers = await latest.losers(compare, helpers?.size);
  const indexes = [...records.keys()].filter((index) => losers.has(index));
  expect(losers.size).toBe(indexes.length);
  return indexes;
}

function isGreater(version: string, than: string): boolean {
  const numbers = [version, than].map((text) => text.split(".").map(Number));
  const [[day = 0, second = 0] = [], [otherDay = 0, otherSecond = 0] = []] = numbers;
  return day !== otherDay ? day > otherDay : second > otherSecond;
}

/** Those to which another record of the same identity is to be preferred. */
function naiveLosersOf(records: readonly Version[]): number[] {
  return [...records.keys()].filter((index) => {
    const { identity, version } = records[index]!;
    return records.some(
      (other, otherIndex) =>
        other.identity === identity &&
        (isGreater(other.version, version) || (other.version === version && otherIndex > index)),
    );
  });
}

describe("of records with the same identity", () => {
  test.each([
    ["the greatest version stays", ["a 2", "a 3", "a 1"], [0, 2]],
    ["on a tie the later one stays", ["a 1", "b 1", "a 1"], [0]],
    ["a stale one that comes later does not", ["a 2", "a 1", "a 2", "a 1"], [0, 1, 3]],
    ["others are not touched", ["a 1", "b 2", "c 3"], []],
    ["of none, none is lost", [], []],
  ])("%s", async (_what, texts, losers) => {
    const records = texts.map((text) => {
      const [identity = "", version = ""] = text.split(" ");
      return { identity, version };
    });
    for (const limit of [undefined, 0, 3]) expect(await losersOf(records, limit)).toEqual(losers);
  });

  test("the same one stays, however many identities fit into memory", async () => {
    const record = fc.record({
      identity: fc.oneof(
        fc.constantFrom("", "a", "aa", "é", "😀", "1", "01", "a,b\n"),
        fc.stringMatching(/^\w{1,2}$/),
      ),
      version: fc.constantFrom("", "1", "2", "2.1", "2.4294967295", "4294967295"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 80, size: "max" }), async (records) => {
        const expected = naiveLosersOf(records);
        for (const limit of [undefined, 0, 100, 2000])
          expect(await losersOf(records, limit)).toEqual(expected);
      }),
      { numRuns: runs(30) },
    );
  });

  test("the same one stays among tens of thousands, most of them on disk", async () => {
    const identities = 25_000;
    const records = Array.from({ length: 2 * identities }, (_, index) => ({
      identity: `order-${index % identities}`,
      version: String((index * 7919) % 3),
    }));
    const expected = records.slice(0, identities).map(({ version }, index) => {
      return records[index + identities]!.version >= version ? index : index + identities;
    });
    const sorted = expected.toSorted((a, b) => a - b);
    expect(await losersOf(records, 1000)).toEqual(sorted);
    const helpers = new Helpers(2);
    try {
      expect(await losersOf(records, 1000, helpers), "by helpers").toEqual(sorted);
    } finally {
      await helpers.end();
    }
  });
});

test("a collecting that was broken off can be closed, at any point", () => {
  for (const count of [0, 2, 100]) {
    const latest = new LatestOfEach(3);
    for (let index = 0; index < count; index += 1)
      add(latest, { identity: `order-${index}`, version: "1" }, index);
    latest.close();
  }
});

test("a bit set is a set of numbers", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(70), fc.nat(100_000))), (numbers) => {
      const set = new Set(numbers);
      const bits = new BitSet();
      for (const number of numbers) bits.add(number);
      expect(bits.size).toBe(set.size);
      for (const number of [...numbers, 0, 7, 8, 71, 10_000_000])
        expect(bits.has(number)).toBe(set.has(number));
    }),
  );
});
