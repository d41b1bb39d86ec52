import path from "node:path";
import type { DuckDbSession } from "@ingot/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs, runsTimeout } from "../../../../common/test/support/runs.ts";
import { compactDay, RemadeDay } from "../../../src/ecommerce/tables/index.ts";
import type { DatasetName } from "../../../src/index.ts";
import { dayOf, openSession, order, temporaryLake, writeSilver } from "./silver-layer.ts";

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

/** Compacts the objects into a day; what they are made again to, and what they were, by their keys. */
async function remadeAgain(
  session: DuckDbSession,
  dataset: DatasetName,
  objects: readonly (readonly string[])[][],
) {
  const { silver } = temporaryLake();
  const keys = objects.map((_, at) => `${dataset}/dt=${DAY}/${dataset}_clean_${NAMES[at]}.csv`);
  for (const [at, rows] of objects.entries()) await writeSilver(silver, dataset, keys[at]!, rows);
  const { key } = await compactDay(silver, await dayOf(silver, dataset, DAY), { session });
  const parquet = decodeURIComponent(path.join(silver.url.slice("file://".length), key));
  const file = path.join(session.folder, "remade.csv");
  const remade = await RemadeDay.make(session, dataset, { parquet, file });
  const pairs = await Promise.all(
    keys.map(async (name) => ({
      name,
      found: await textOf(remade.read(name)),
      expected: await textOf((await silver.read(name)).body),
    })),
  );
  await remade.close();
  return pairs;
}

const textOf = async (body: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await Array.fromAsync(body)).toString("utf8");

describe("a compacted day", () => {
  test.each(["orders", "customers", "clicks"] as const)(
    "gives back byte for byte the CSV objects it was made of: %s",
    { timeout: runsTimeout(60_000) },
    async (dataset) => {
      const session = await openSession();
      const objects = fc.array(fc.array(ROWS[dataset], { maxLength: 20 }), {
        minLength: 1,
        maxLength: NAMES.length,
      });
      await fc.assert(
        fc.asyncProperty(objects, async (given) => {
          for (const { name, found, expected } of await remadeAgain(session, dataset, given)) {
            expect([name, found]).toEqual([name, expected]);
          }
        }),
        { numRuns: runs(8) },
      );
    },
  );

  test("keeps order and text in large objects, whose parts DuckDB reads at the same time", {
    timeout: 60_000,
  }, async () => {
    const nasty = ['say "hi", you\n', "\r\n\r\n", '""', "a,b\n", "plain", '日本\n,"\n'];
    // Three of the pieces in which DuckDB reads a file.
    const rows = Array.from({ length: 50_000 }, (_, at) =>
      order(`O${at}`, { product: `${nasty[at % nasty.length]}${"x".repeat(at % 900)}` }),
    );
    // Compared without a message: a difference of millions of lines would take minutes to be printed.
    for (const { found, expected } of await remadeAgain(await openSession(), "orders", [
      rows,
      rows.slice(0, 10).reverse(),
    ])) {
      expect(expected.length).toBeGreaterThan(500);
      expect(found === expected).toBe(true);
    }
  });

  test("takes records as long as the cleaner lets them be", async () => {
    const long = '"'.repeat(1024 * 1024);
    const [remade] = await remadeAgain(await openSession(), "orders", [[order("O1", { product: long })]]);
    expect(remade!.found.length).toBeGreaterThan(2 * long.length);
    expect(remade!.found === remade!.expected).toBe(true);
  });
});
