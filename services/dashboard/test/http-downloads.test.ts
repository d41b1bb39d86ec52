import { readCsv } from "@ingot/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { runs, runsTimeout } from "../../../packages/common/test/support/runs.ts";
import type { ColumnType } from "../src/api/contract.ts";
import type { Table } from "../src/downloads/table.ts";
import { tableFile } from "../src/downloads/table-file.ts";

const CSV = { raw: false, bom: false, currency: "EUR" };
const LIMITS = { timeoutMs: 60_000 };
const COLUMNS: Record<string, ColumnType> = { name: "text", revenue: "money", count: "integer", day: "date" };

const text = fc.string({
  unit: fc.constantFrom(..."=+-@＝＋－＠;|,\t\r\n\"' a1é<&_x0041_\u0001\ud83d\ude00"),
  maxLength: 12,
});
const money = fc.integer({ min: -10_000, max: 10_000 }).map((cents) => (cents / 100).toFixed(2));
const tables: fc.Arbitrary<Table> = fc
  .array(fc.tuple(text, fc.oneof(money, text), fc.oneof(fc.integer().map(String), text), text), {
    maxLength: 8,
  })
  .map((rows) => ({
    name: "table",
    rows,
    columns: Object.entries(COLUMNS).map(([name, type]) => ({ name, type })),
  }));

async function parsed(csv: Buffer): Promise<string[][]> {
  const rows: string[][] = [];
  for await (const batch of readCsv(chunksOf(csv), Object.keys(COLUMNS))) rows.push(...batch);
  return rows;
}

async function* chunksOf(bytes: Buffer) {
  yield bytes;
}

const NUMBER = /^-?\d+(\.\d+)?$/;

test(
  "any table comes out as it is, and as CSV without a formula",
  async () => {
    const property = fc.asyncProperty(tables, async (table) => {
      expect(await parsed(await tableFile(table, "csv", { ...CSV, raw: true }, LIMITS))).toEqual(table.rows);

      const safe = await parsed(await tableFile(table, "csv", CSV, LIMITS));
      for (const [at, row] of safe.entries()) {
        for (const [column, value] of row.entries()) {
          const original = table.rows[at]![column]!;
          if (NUMBER.test(original) && (column === 1 || column === 2)) expect(value).toBe(original);
          else
            expect(value.split(/[;|\t\r\n]/).filter((cell) => /^\s*[=+\-@＝＋－＠]/.test(cell))).toEqual([]);
          if (!original.includes("'")) expect(value.replaceAll("'", "")).toBe(original);
        }
      }

      const objects = JSON.parse((await tableFile(table, "json", CSV, LIMITS)).toString());
      const printed = objects.map((row: object) => Object.values(row).map((value) => value ?? ""));
      const isSame = (a: unknown, b: string) => (typeof a === "number" ? a === Number(b) : a === b);
      expect(printed).toHaveLength(table.rows.length);
      for (const [at, row] of printed.entries()) {
        expect(row.every((value: unknown, column: number) => isSame(value, table.rows[at]![column]!))).toBe(
          true,
        );
      }
    });
    await fc.assert(property, { numRuns: runs(60) });
  },
  runsTimeout(30_000),
);
