import { isDeepStrictEqual } from "node:util";
import { gzipSync } from "node:zlib";
import { createRuleContext, type DatasetName } from "@ingot/pipelines";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { runs, runsTimeout } from "../../../packages/common/test/support/runs.ts";
import { Helpers } from "../src/helpers.ts";
import { ALONE, type CleanedContent, cleanContent } from "./clean-content.ts";

/*
 * What helpers make of a file, cut into small blocks, against what one reader makes of it.
 */

const HELPERS = new Helpers(2);
const context = createRuleContext({ businessTimezone: "Europe/Paris", emailHashKey: "test" });

afterAll(() => HELPERS.end());

/** Cleans a content both ways, which must agree. Blocks begin as soon as the first 64 KiB have told the format. */
async function expectSame(
  dataset: DatasetName,
  key: string,
  content: Buffer,
  blockBytes: number,
): Promise<void> {
  const whole = { dataset, key, bytes: content };
  const alone = await cleanContent(whole, context, ALONE);
  const sharing = { helpers: HELPERS, largeBytes: 0, blockBytes, isPatient: true };
  const shared = await cleanContent(whole, context, sharing);
  if (isDeepStrictEqual(shared, alone)) return;
  expect(legible(shared)).toEqual(legible(alone));
}

const legible = ({ counts, samples, silver, quarantine }: CleanedContent) => ({
  counts,
  samples,
  silver: silver.toString("latin1"),
  quarantine: quarantine.toString("latin1"),
});

const BLOCKS = fc.constantFrom(300, 1000, 5000, 40_000);

const order = (id: number): Record<string, unknown> => ({
  order_id: `o${id % 400}`,
  customer_id: `c${id}`,
  product: id % 10 === 0 ? 'Tea "Été", 2\n😀' : `Tea ${id % 5}`,
  quantity: (id % 7) - 1,
  unit_price: id % 3 === 0 ? "2.50" : 2.5,
  total_amount: id % 11 === 0 ? null : 2.5,
  order_ts: `2026-01-${String(1 + (id % 31)).padStart(2, "0")}T10:00:00Z`,
  channel: "web",
});
const customer = (id: number): string => {
  const name = id % 13 === 0 ? '"Ann, ""A""\nMaría"' : "Ann";
  return `c${id % 900},${name},Lee,ann${id}@x.org,${id % 5 === 0 ? "" : "Perú"},2025-01-${1 + (id % 28)}`;
};
const click = (id: number): string =>
  JSON.stringify({
    customer_id: `c${id}`,
    page: `/é/${id}`,
    ip: id % 9 === 0 ? "999.1.1.1" : "10.0.0.1",
    ts: 1_700_000_000 + id,
  });

/** Some 90 KB each, whose first 64 KiB are read before any block is cut. */
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const FILES: [what: string, dataset: DatasetName, key: string, content: string][] = [
  [
    "an array of orders",
    "orders",
    "a/orders_1.json",
    `[\n${numbers(600)
      .map((id) => JSON.stringify(order(id)))
      .join(",\n")}\n]\n`,
  ],
  ["an array in one line", "orders", "orders_1.json", JSON.stringify(numbers(600).map(order))],
  ["an array over many lines", "orders", "orders_1.json", JSON.stringify(numbers(500).map(order), null, 1)],
  [
    "an array of nested objects",
    "orders",
    "orders_1.json",
    JSON.stringify(
      numbers(500).map((id) => ({ ...order(id), items: [{ order_id: "x" }, { a: { b: [1] } }] })),
    ),
  ],
  [
    "orders as lines",
    "orders",
    "orders_1.jsonl",
    numbers(600)
      .map((id) => `${JSON.stringify(order(id))}\r\n`)
      .join(""),
  ],
  [
    "customers",
    "customers",
    "customers_1.csv",
    `\uFEFFcustomer_id,first_name,last_name,email,country,signup_date\r\n${numbers(2100)
      .map((id) => `${customer(id)}\r\n`)
      .join("")}`,
  ],
  [
    "customers with a quoted line end in each row",
    "customers",
    "customers_1.csv",
    `customer_id,first_name,last_name,email,country,signup_date\n${numbers(3000)
      .map((id) => `c${id},"a\nb\n","c\n",,,2025-01-01\n`)
      .join("")}`,
  ],
  [
    "clicks",
    "clicks",
    "clicks_1.txt",
    numbers(1300)
      .map((id) => `${click(id)}\n`)
      .join(""),
  ],
];

describe("a file that is shared among threads gives the same bytes and counts", () => {
  test.each(FILES)("%s", async (_what, dataset, key, content) => {
    for (const blockBytes of [300, 5000, 100_000])
      await expectSame(dataset, key, Buffer.from(content), blockBytes);
  });
});

const damage = fc.record({
  at: fc.double({ min: 0.3, max: 1, noNaN: true }),
  removed: fc.oneof(fc.nat(3), fc.nat(2000)),
  inserted: fc.oneof(
    fc.constantFrom(
      '"',
      "{",
      "}",
      "[",
      "]",
      "\\",
      ",",
      "\n",
      "\r",
      '""',
      '{"',
      '"}',
      "\0",
      ":",
      "é",
      "\n\n",
      '{"order_id":"x"},',
    ),
    fc
      .constantFrom('"x",', "{", "\n", "broken\n")
      .chain((one) => fc.integer({ min: 1, max: 3000 }).map((n) => one.repeat(n))),
    // Each of them is looked for in all that follows.
    fc.integer({ min: 1, max: 500 }).map((n) => '{"order_id":'.repeat(n)),
    fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  ),
});

describe("a damaged file that is shared among threads gives the same bytes and counts", () => {
  test.each(FILES)("%s", async (_what, dataset, key, content) => {
    const whole = Buffer.from(content);
    await fc.assert(
      fc.asyncProperty(
        fc.array(damage, { minLength: 1, maxLength: 6 }),
        BLOCKS,
        fc.boolean(),
        async (list, blockBytes, isZipped) => {
          let bytes: Buffer = whole;
          for (const { at, removed, inserted } of list) {
            const from = Math.floor(at * bytes.length);
            bytes = Buffer.concat([
              bytes.subarray(0, from),
              Buffer.from(inserted, "latin1"),
              bytes.subarray(from + removed),
            ]);
          }
          await expectSame(
            dataset,
            isZipped ? `${key}.gz` : key,
            isZipped ? gzipSync(bytes) : bytes,
            blockBytes,
          );
        },
      ),
      { numRuns: runs(6), endOnFailure: true, interruptAfterTimeLimit: runsTimeout(20_000) },
    );
  });
});
