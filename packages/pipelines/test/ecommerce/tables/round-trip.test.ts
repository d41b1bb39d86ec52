import path from "node:path";
import { compareKeys } from "@ingot/common";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compactDay, readCompacted } from "../../../src/ecommerce/tables/index.ts";
import type { DatasetName } from "../../../src/index.ts";
import { csvRowsOf, dayOf, openSession, order, temporaryLake, writeSilver } from "./silver-layer.ts";

/** Text with everything that CSV, SQL and DuckDB's guesses could stumble over. */
const text = fc.oneof(
  fc.constantFrom(
    "",
    "NULL",
    "null",
    '"',
    '""',
    "'",
    ",",
    "\n",
    "\r\n",
    "\r",
    " a ",
    "#x",
    "\\N",
    "\\",
    "1,5",
    "é",
    "日本",
    "\u{1F600}",
    "\ufeff",
    "nan",
  ),
  fc
    .string({ unit: "grapheme", maxLength: 12 })
    .filter((value) => value.isWellFormed() && !value.includes("\0")),
  fc
    .array(fc.constantFrom('"', ",", "\n", "\r", " ", "a", "\t", "é"), { maxLength: 8 })
    .map((parts) => parts.join("")),
);
const units = fc.oneof(
  fc.integer({ min: 0, max: 1_000_000 }),
  fc.integer({ min: 0, max: 999_999_999_999_999 }),
);
const amount = units.map(
  (value) => `${Math.floor(value / 10_000)}.${String(value % 10_000).padStart(4, "0")}`,
);
const quantity = fc.oneof(
  fc.constant(""),
  amount.map((value) => value.replace(/\.?0+$/, "") || "0"),
);
const instant = fc
  .tuple(
    fc.date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    }),
    fc.integer({ min: 0, max: 999 }),
  )
  .map(([date, micros]) => `${date.toISOString().slice(0, 23)}${String(micros).padStart(3, "0")}Z`);
const date = instant.map((value) => value.slice(0, 10));

const ROWS: Record<DatasetName, fc.Arbitrary<string[]>> = {
  orders: fc.tuple(
    text,
    text,
    text,
    quantity,
    fc.oneof(fc.constant(""), amount),
    amount,
    instant,
    date,
    text,
  ),
  customers: fc.tuple(text, text, text, text, text, date),
  clicks: fc.tuple(text, text, instant),
};
const NAMES = ["a", "b-c", "é", "x*", "y[1]", "it's", "z?"];
const DAY = "2026-03-01";

async function compactedAgain(dataset: DatasetName, objects: readonly (readonly string[])[][]) {
  const lake = temporaryLake();
  const keyOf = (at: number): string => `${dataset}/dt=${DAY}/${dataset}_clean_${NAMES[at]}.csv`;
  for (const [at, rows] of objects.entries()) await writeSilver(lake.silver, dataset, keyOf(at), rows);
  const session = await openSession();
  const { key } = await compactDay(lake.silver, await dayOf(lake.silver, dataset, DAY), session);
  const file = path.join(lake.silver.url.slice("file://".length), key);
  const found = new Map<string, string[][]>();
  for await (const { source, rows } of readCompacted(session, dataset, decodeURIComponent(file))) {
    found.set(source.key, [...(found.get(source.key) ?? []), ...rows]);
  }
  const expected = new Map<string, string[][]>();
  for (const [at, rows] of objects.entries()) {
    if (rows.length > 0) expected.set(keyOf(at), await csvRowsOf(lake.silver, dataset, keyOf(at)));
  }
  return { found, expected };
}

describe("a compacted day", () => {
  test.each(["orders", "customers", "clicks"] as const)(
    "gives back text for text what its CSV objects held: %s",
    { timeout: 120_000 },
    async (dataset) => {
      const objects = fc.array(fc.array(ROWS[dataset], { maxLength: 20 }), {
        minLength: 1,
        maxLength: NAMES.length,
      });
      await fc.assert(
        fc.asyncProperty(objects, async (given) => {
          const { found, expected } = await compactedAgain(dataset, given);
          expect(found).toEqual(expected);
        }),
        { numRuns: 25 },
      );
    },
  );

  test("keeps order and text in large objects, whose parts DuckDB reads at the same time", {
    timeout: 60_000,
  }, async () => {
    const nasty = ['say "hi", you\n', "\r\n\r\n", '""', "a,b\n", "plain", '日本\n,"\n'];
    const rows = Array.from({ length: 150_000 }, (_, at) =>
      order(`O${at}`, { product: `${nasty[at % nasty.length]}${"x".repeat(at % 300)}` }),
    );
    const { found, expected } = await compactedAgain("orders", [rows, rows.slice(0, 10).reverse()]);
    expect([...found.keys()]).toEqual([...expected.keys()].sort(compareKeys));
    // Compared one by one: a difference of millions of lines would take minutes to be printed.
    for (const [key, expectedRows] of expected) {
      const foundRows = found.get(key)!;
      expect(foundRows.length).toBe(expectedRows.length);
      expect(expectedRows.findIndex((row, at) => row.join("\0") !== foundRows[at]!.join("\0"))).toBe(-1);
    }
  });

  test("takes records as long as the cleaner lets them be", async () => {
    const long = '"'.repeat(1024 * 1024);
    const { found, expected } = await compactedAgain("orders", [[order("O1", { product: long })]]);
    expect([...found.values()][0]?.[0]?.[2]?.length).toBe(long.length);
    expect(found.size).toBe(expected.size);
  });
});
