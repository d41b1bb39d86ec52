import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BitSet, LatestOfEach } from "../src/latest-of-each.ts";

interface Version {
  identity: string;
  version: string;
}

function losersOf(records: readonly Version[], limit?: number): number[] {
  const latest = new LatestOfEach(limit);
  for (const [index, { identity, version }] of records.entries()) latest.add(identity, version, index);
  const losers = latest.losers();
  const indexes = [...records.keys()].filter((index) => losers.has(index));
  expect(losers.size).toBe(indexes.length);
  return indexes;
}

/** Those to which another record of the same identity is to be preferred. */
function naiveLosersOf(records: readonly Version[]): number[] {
  return [...records.keys()].filter((index) => {
    const { identity, version } = records[index]!;
    return records.some(
      (other, otherIndex) =>
        other.identity === identity &&
        (other.version > version || (other.version === version && otherIndex > index)),
    );
  });
}

describe("of records with the same identity", () => {
  test.each([
    ["the greatest version stays", ["a 2025-01-02", "a 2025-01-03", "a 2025-01-01"], [0, 2]],
    ["on a tie the later one stays", ["a 1", "b 1", "a 1"], [0]],
    ["a stale one that comes later does not", ["a 2", "a 1", "a 2", "a 1"], [0, 1, 3]],
    ["others are not touched", ["a 1", "b 2", "c 3"], []],
    ["of none, none is lost", [], []],
  ])("%s", (_what, texts, losers) => {
    const records = texts.map((text) => {
      const [identity = "", version = ""] = text.split(" ");
      return { identity, version };
    });
    for (const limit of [undefined, 0, 3]) expect(losersOf(records, limit)).toEqual(losers);
  });

  test("the same one stays, however many identities fit into memory", () => {
    const record = fc.record({
      identity: fc.oneof(
        fc.constantFrom("", "a", "aa", "é", "😀", "1", "01", "a,b\n"),
        fc.stringMatching(/^\w{1,2}$/),
      ),
      version: fc.constantFrom("", "2025-01-01", "2025-01-02", "2025-01-02T00"),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 80, size: "max" }), (records) => {
        const expected = naiveLosersOf(records);
        for (const limit of [undefined, 0, 3, 20]) expect(losersOf(records, limit)).toEqual(expected);
      }),
    );
  });

  test("the same one stays among hundreds of thousands, most of them on disk", () => {
    const identities = 100_000;
    const records = Array.from({ length: 2 * identities }, (_, index) => ({
      identity: `order-${index % identities}`,
      version: String((index * 7919) % 3),
    }));
    const expected = records.slice(0, identities).map(({ version }, index) => {
      return records[index + identities]!.version >= version ? index : index + identities;
    });
    expect(losersOf(records, 1000)).toEqual(expected.toSorted((a, b) => a - b));
  });
});

test("a collecting that was broken off can be closed, at any point", () => {
  for (const count of [0, 2, 100]) {
    const latest = new LatestOfEach(3);
    for (let index = 0; index < count; index += 1) latest.add(`order-${index}`, "1", index);
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
