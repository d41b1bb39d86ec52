import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../packages/common/test/support/runs.ts";
import { cleanInMemory } from "./clean-file.ts";
import { damage, damaged } from "./damage.ts";

const ROWS = Array.from({ length: 12 }, (_, index) => index);

const orders = ROWS.map((row) =>
  JSON.stringify({ order_id: `o${row}`, product: "Tea", total_amount: row, order_ts: "2026-01-01" }),
);
const HEADER = "customer_id,email,signup_date\n";
const customers = ROWS.map((row) => `c${row},"a ""b"" c",2026-01-01`);
const clicks = ROWS.map((row) => `{"customer_id":"c${row}","page":"/","ip":"1.2.3.4","ts":1767225600}`);

const FILES: Record<string, string> = {
  "orders_lines.json": `[\n${orders.join(",\n")}\n]\n`,
  "orders_one_line.json": `[${orders.join(", ")}]`,
  "orders_lines.jsonl": `${orders.join("\n")}\n`,
  "customers_quoted.csv": `${HEADER}${customers.join("\n")}\n`,
  "clicks_lines.txt": `${clicks.join("\n")}\n`,
};

describe.each(Object.keys(FILES))("%s", (key) => {
  const whole = Buffer.from(FILES[key]!);

  it("accounts for every record, whatever was damaged", async () => {
    const changes = fc.array(damage(["replace", "delete", "insert", "truncate"]), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        await cleanInMemory(
          key,
          list.reduce<Buffer>((content, change) => damaged(content, change), whole),
        );
      }),
      { numRuns: runs(60) },
    );
  });

  it("loses only records near a damage", async () => {
    await fc.assert(
      fc.asyncProperty(damage(["replace", "delete", "insert"]), async (change) => {
        // A header that names no known column makes another file of it.
        const { ids } = await cleanInMemory(
          key,
          damaged(whole, change, key.endsWith(".csv") ? HEADER.length : 1),
        );
        expect(ids.length).toBeGreaterThanOrEqual(ROWS.length - 2);
      }),
      { numRuns: runs(120) },
    );
  });
});
