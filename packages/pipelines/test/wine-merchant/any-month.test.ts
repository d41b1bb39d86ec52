import fc from "fast-check";
import { expect, test } from "vitest";
import { runs, runsTimeout } from "../../../common/test/support/runs.ts";
import { anyManner, anyProducts, joined, type Product, workbooks } from "./any-month.ts";
import { openMerchant } from "./merchant.ts";

/** What a month's products have to be, reckoned in whole cents, the score in another way than by its formula. */
function expected(products: readonly Product[]): { line: string; score: number }[] {
  const both = joined(products);
  const prices = both.map(({ cents }) => cents);
  const sum = prices.reduce((total, cents) => total + cents, 0);
  const squares = prices.reduce((total, cents) => total + (both.length * cents - sum) ** 2, 0);
  return both.map(({ id, sku, cents, sales }) => {
    const most = Math.max(...sales);
    const distance = both.length * cents - sum;
    const score = squares === 0 ? 0 : distance / Math.sqrt(squares / (both.length - 1));
    const wineClass =
      distance > 0 && distance ** 2 * (both.length - 1) > 4 * squares ? "premium" : "ordinaire";
    const amounts = [(cents / 100).toFixed(2), most, ((cents * most) / 100).toFixed(2)];
    return { line: [id, sku, ...amounts, wineClass].join(" "), score };
  });
}

test(
  "any month is reckoned right, however its workbooks are written",
  async () => {
    const months = fc.array(fc.tuple(anyProducts, anyManner), { minLength: 2, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(months, async (given) => {
        await using merchant = await openMerchant();
        for (const [at, [products, manner]] of given.entries()) {
          for (const [name, file] of Object.entries(workbooks(products, manner))) {
            await merchant.put(`month=2026-0${at + 1}/${name}`, file);
          }
        }
        const { error } = await merchant.run({ from: "2026-01", to: "2026-02" });
        expect(error).toBeUndefined();
        for (const [at, [products]] of given.entries()) {
          const found = await merchant.products(`month=2026-0${at + 1}`);
          const scores = new Map(
            found.map(({ product_id, sku, price, total_sales, revenue, zscore, class: wineClass }) => [
              [product_id, sku, price, total_sales, revenue, wineClass].join(" "),
              Number(zscore),
            ]),
          );
          const right = expected(products);
          expect([...scores.keys()].sort()).toEqual(right.map(({ line }) => line).sort());
          for (const { line, score } of right) expect(scores.get(line)).toBeCloseTo(score, 5);
          const cents = joined(products).reduce(
            (sum, { cents: price, sales }) => sum + price * Math.max(...sales),
            0,
          );
          const { "CA par produit": rows = [] } = await merchant.report(`month=2026-0${at + 1}`);
          expect(rows.at(-1)![5]).toBe(cents / 100);
        }
      }),
      { numRuns: runs(1), endOnFailure: true },
    );
  },
  runsTimeout(30_000),
);
