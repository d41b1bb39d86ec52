import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { timestamp } from "../src/clock.ts";
import { bronzeKeyOf, hasInputEnding, quarantineKeyOf, silverKeyOf, splitKey } from "../src/object-names.ts";
import { compareKeys } from "../src/storage/object-store.ts";

const ENDINGS = [".csv", ".json", ".jsonl", ".ndjson", ".txt"].flatMap((ending) => [ending, `${ending}.gz`]);
const DATASETS = [
  ["customers", ".csv"],
  ["orders", ".json"],
  ["clicks", ".txt"],
] as const;

describe("the names of input objects", () => {
  test.each(ENDINGS)("%s is read", (ending) => {
    expect(hasInputEnding(`orders${ending}`)).toBe(true);
  });

  test.each([".xlsx", ".parquet", ".gz", ".csv.zip", ".csv.gz.gz", ".CSV", "csv", ".csv ", ".csv\n", ""])(
    "%j is not",
    (ending) => expect(hasInputEnding(`orders${ending}`)).toBe(false),
  );

  test.each([
    ["orders/dt=2025-01-02/orders_a.json", "orders/dt=2025-01-02/", "orders_a.json"],
    ["orders_a.json", "", "orders_a.json"],
    ["a/b/", "a/b/", ""],
  ])("%s is folder %j and base name %j", (key, folder, base) => {
    expect(splitKey(key)).toEqual({ folder, base });
  });

  test("their time is UTC, to the second", () => {
    expect(timestamp(new Date("2025-01-02T23:04:05.678-05:00"))).toBe("20250103T040405");
  });
});

describe("the silver key of a bronze key", () => {
  test.each([
    [
      "orders/dt=2025-01-02/orders_20250102T030405.json",
      "orders/dt=2025-01-02/orders_clean_20250102T030405.csv",
    ],
    ["customers_20250102T030405.csv", "customers_clean_20250102T030405.csv"],
    ["clicks_20250102T030405.txt", "clicks_clean_20250102T030405.csv"],
    ["any/where/orders_a.csv", "any/where/orders_clean_a.csv.csv"],
    ["orders_a.json.gz", "orders_clean_a.json.gz.csv"],
    ["orders_a.csv.json", "orders_clean_a.csv.json.csv"],
    ["orders-a.json", "orders_clean__-a.csv"],
    ["orders__a.json", "orders_clean___a.csv"],
    ["orders_clean_a.json", "orders_clean_clean_a.csv"],
    ["orders.json", "orders_clean__.csv"],
    ["orders_.json", "orders_clean_.csv"],
  ])("%s -> %s", (bronze, silver) => {
    const [dataset, usualEnding] = DATASETS.find(([name]) => splitKey(bronze).base.startsWith(name))!;
    expect(silverKeyOf(dataset, usualEnding, bronze)).toBe(silver);
    expect(bronzeKeyOf(dataset, usualEnding, silver)).toBe(bronze);
  });

  const PIECES = ["_", "-", ".", "a", "clean_", ".csv", ".json", ".txt", ".gz", "é😀", "orders"];

  test("is another one for every other bronze key", () => {
    let tails = [""];
    for (let length = 1; length <= 3; length += 1) {
      tails = [...new Set(tails.flatMap((tail) => [tail, ...PIECES.map((piece) => tail + piece)]))];
    }
    const bronzeKeys = DATASETS.flatMap(([dataset, usualEnding]) =>
      tails.flatMap((tail) =>
        ENDINGS.map((ending) => ({ dataset, usualEnding, key: dataset + tail + ending })),
      ),
    );
    const silverKeys = bronzeKeys.map(({ dataset, usualEnding, key }) =>
      silverKeyOf(dataset, usualEnding, key),
    );
    expect(new Set(silverKeys).size).toBe(new Set(bronzeKeys.map(({ key }) => key)).size);
  });

  test("names its bronze key, in any folder and with any name", () => {
    const segment = fc.oneof(fc.constantFrom("orders", "dt=2025-01-02", "…", "a b"), fc.string());
    const tail = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string()), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(segment, { maxLength: 3 }),
        fc.constantFrom(...DATASETS),
        tail,
        fc.constantFrom(...ENDINGS),
        (folders, [dataset, usualEnding], pieces, ending) => {
          const folder = folders.map((name) => `${name}/`).join("");
          const bronze = folder + dataset + pieces.join("").replaceAll("/", "") + ending;
          const silver = silverKeyOf(dataset, usualEnding, bronze);
          expect(splitKey(silver).folder).toBe(folder);
          expect(splitKey(silver).base).toMatch(new RegExp(`^${dataset}_clean_[^]*\\.csv$`));
          expect(bronzeKeyOf(dataset, usualEnding, silver)).toBe(bronze);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test("the quarantine key is the whole bronze key and what it holds", () => {
  expect(quarantineKeyOf("orders/dt=2025-01-02/orders_a.json.gz")).toBe(
    "orders/dt=2025-01-02/orders_a.json.gz.rejected.jsonl",
  );
});

describe("the order of keys", () => {
  test.each([
    ["a", "b"],
    ["a", "aa"],
    ["Z", "a"],
    ["a-b", "a/b"],
    ["orders_10", "orders_9"],
    ["z", "é"],
    ["\u{ffee}", "\u{1f600}"],
    ["\u{e000}", "\u{10000}"],
  ])("%j stands before %j", (before, after) => {
    expect(Math.sign(compareKeys(before, after))).toBe(-1);
    expect(Math.sign(compareKeys(after, before))).toBe(1);
    expect(compareKeys(before, before)).toBe(0);
  });

  test("is that of the UTF-8 bytes, surrogate pairs included", () => {
    const codePoint = fc.oneof(
      fc.constantFrom(0x2f, 0x61, 0xd7ff, 0xe000, 0xffff, 0x10000),
      fc.nat(0x10ffff),
    );
    const character = codePoint
      .map((code) => String.fromCodePoint(code))
      .filter((text) => text.isWellFormed());
    const key = fc.string({ unit: character, maxLength: 8 });
    const common = fc.tuple(key, key, key).map(([start, a, b]): [string, string] => [start + a, start + b]);
    fc.assert(
      fc.property(common, ([a, b]) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.from(a).compare(Buffer.from(b)));
      }),
      { numRuns: 500 },
    );
  });
});
