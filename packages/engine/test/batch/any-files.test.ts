import fc from "fast-check";
import { expect, test } from "vitest";
import { runs, runsTimeout } from "../../../common/test/support/runs.ts";
import { openTestLake, type TestLake } from "./corner-shop.ts";

/*
 * Whatever files come, in whatever order and however often the pipeline runs in between, gold is what one reading of all
 * files would give.
 */

interface Sale {
  id: number;
  day: number;
  item: string;
  quantity: number;
}

const PRICES: Readonly<Record<string, number>> = { apple: 50, bread: 220 };

const sale = fc.record({
  id: fc.integer({ min: 1, max: 6 }),
  day: fc.integer({ min: 5, max: 8 }),
  item: fc.constantFrom("apple", "bread", "pear"),
  quantity: fc.integer({ min: 0, max: 9 }),
});
const act = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      put: fc.constantFrom(
        "a",
        "b",
        "old/sales_till_1",
        "new/sales_till_1",
        "old/sales_till_2",
        "new/sales_till_2",
      ),
      sales: fc.array(sale, { maxLength: 8 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ run: fc.constantFrom("whole" as const, "killed" as const) }) },
);

const dayText = (day: number): string => `2026-01-${String(day).padStart(2, "0")}`;

function csv(sales: readonly Sale[]): string {
  const lines = sales.map(({ id, day, item, quantity }) => `${id},${dayText(day)},${item},${quantity}\n`);
  return `id,day,item,quantity\n${lines.join("")}`;
}

/**
 * Of one id and day the last counts, by when its file arrived and then by its place in the file; of a till's files only the
 * last.
 */
async function oracle({ lake }: TestLake, files: ReadonlyMap<string, readonly Sale[]>): Promise<string> {
  const all = await Array.fromAsync(lake.bronze.list({ prefix: "corner-shop/" }));
  const listed = all.filter(({ key }) => files.has(key));
  listed.sort((a, b) => a.modified.getTime() - b.modified.getTime() || (a.key < b.key ? -1 : 1));
  const last = new Map<string, Sale>();
  const till = (key: string): string => /till_\d/.exec(key)?.[0] ?? key;
  for (const { key } of listed) {
    if (listed.findLast((other) => till(other.key) === till(key))?.key !== key) continue;
    for (const one of files.get(key) ?? []) if (one.item in PRICES) last.set(`${one.id} ${one.day}`, one);
  }
  const days = Map.groupBy(last.values(), ({ day }) => dayText(day));
  const lines = [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, sales]) => {
      const quantity = sales.reduce((sum, one) => sum + one.quantity, 0);
      const cents = sales.reduce((sum, one) => sum + one.quantity * PRICES[one.item]!, 0);
      return `${day},${quantity},${(cents / 100).toFixed(2)}\n`;
    });
  return `day,quantity,revenue\n${lines.join("")}`;
}

/** A run that stops where its storage does for the n-th time. */
async function killedRun(shop: TestLake, after: number): Promise<void> {
  const controller = new AbortController();
  let writes = 0;
  const stopping = (store: TestLake["lake"]["silver"]) =>
    new Proxy(store, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (name !== "write") return typeof value === "function" ? value.bind(target) : value;
        return (...args: Parameters<typeof store.write>) => {
          writes += 1;
          if (writes > after) throw new Error("killed");
          return target.write(...args);
        };
      },
    });
  const lake = { ...shop.lake, silver: stopping(shop.lake.silver), gold: stopping(shop.lake.gold) };
  await shop.run({ lake, signal: controller.signal });
}

test(
  "any files in any order, with runs and broken runs in between, end in the same gold",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { maxLength: 10 }),
        fc.integer({ min: 1, max: 12 }),
        async (acts, after) => {
          await using shop = await openTestLake();
          await shop.put("corner-shop/items.csv", "item,price\napple,0.50\nbread,2.20\n");
          const files = new Map<string, readonly Sale[]>();
          const put = async (name: string, sales: readonly Sale[]): Promise<void> => {
            const key = `corner-shop/${name.includes("/") ? name : `sales_${name}`}.csv`;
            await shop.put(key, csv(sales));
            files.set(key, sales);
          };
          await put("first", [{ id: 1, day: 5, item: "apple", quantity: 1 }]);
          for (const one of acts) {
            if ("put" in one) await put(one.put, one.sales);
            else if (one.run === "whole") await shop.run();
            else await killedRun(shop, after);
          }
          const { error } = await shop.run();
          expect(error).toBeUndefined();
          expect(await shop.text("gold", "corner-shop/latest/totals.csv")).toBe(await oracle(shop, files));
        },
      ),
      { numRuns: runs(4), endOnFailure: true },
    );
  },
  runsTimeout(60_000),
);
