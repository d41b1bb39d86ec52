import { describe, expect, test } from "vitest";
import { type Chain, hour, line, openChain, PRODUCTS, STORES } from "./chain.ts";

const MONDAYS = ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02", "2026-02-09"];

async function putDay(chain: Chain, day: string, quantity = 1): Promise<void> {
  await chain.put(`retail_data/date=${day}/retail_data_${day}.json`, [hour({ date: day })]);
  const sold = line({ sale_id: day, sale_date: day, quantity, sale_amount: 20 * quantity });
  await chain.put(`sales/sale_date=${day}/sales_${day}.json`, [sold]);
}

async function openMondays(): Promise<Chain> {
  const chain = await openChain();
  await chain.put("products/products.json", PRODUCTS);
  await chain.put("stores/stores.json", STORES);
  for (const day of MONDAYS) await putDay(chain, day);
  expect((await chain.run()).error).toBeUndefined();
  return chain;
}

const revenue = async (chain: Chain): Promise<Record<string, string>> =>
  Object.fromEntries((await chain.metrics()).map((row) => [row.date!, row.total_revenue!]));

const averages = async (chain: Chain): Promise<string[]> =>
  (await chain.metrics()).map((row) => row.avg_revenue_last_4_weeks!);

const made = async (chain: Chain): Promise<Record<string, number | undefined>> => {
  const { record, error } = await chain.run();
  expect(error).toBeUndefined();
  return Object.fromEntries(record.steps.map(({ name, days }) => [name, days]));
};

describe("a day of the stores", () => {
  test("is made anew when late sales arrive, with the averages that depend on it and no other day", async () => {
    await using chain = await openMondays();
    await chain.put("sales/late.json", [line({ sale_date: MONDAYS[1]!, sale_amount: 80 })]);
    expect(await made(chain)).toMatchObject({ sales: 1, store_days: 1 });
    expect(await revenue(chain)).toMatchObject({ [MONDAYS[0]!]: "20.00", [MONDAYS[1]!]: "100.00" });
    // The mean of up to four Mondays; from the sixth on the second is no longer among them.
    expect(await averages(chain)).toEqual(["20.00", "60.00", "46.67", "40.00", "40.00", "20.00"]);
  });

  test("is replaced by its file's new content, and stays as it is under another name", async () => {
    await using chain = await openMondays();
    const before = await chain.csv();
    const day = MONDAYS[5]!;
    const same = [line({ sale_id: day, sale_date: day })];
    await chain.put(`again/sales_${day}.json`, same);
    const { record } = await chain.run();
    expect(record).toMatchObject({ status: "unchanged" });
    expect(record.steps.find(({ name }) => name === "sales")?.records).toMatchObject({ read: 1 });
    expect(await chain.csv()).toBe(before);

    await chain.put(`retail_data/date=${day}/retail_data_${day}.json`, [
      hour({ date: day, hour: 17, visitors: 7 }),
    ]);
    expect(await made(chain)).toMatchObject({ retail_data: 1, store_days: 1 });
    expect((await chain.metrics()).at(-1)).toMatchObject({ total_visitors: "7", peak_hour_visitors: "17" });
  });

  test("is replaced by a file of the same name wherever it lies, and added to by one of another name", async () => {
    await using chain = await openMondays();
    const day = MONDAYS[2]!;
    const sold = (amount: number) => [line({ sale_date: day, sale_amount: amount })];
    await chain.put(`sales/dt=2026-03-01/sales_${day}-0a1b2c3d.json`, sold(7));
    expect(await made(chain)).toMatchObject({ sales: 1, store_days: 1 });
    expect(await revenue(chain)).toMatchObject({ [day]: "7.00" });
    await chain.put(`sales/dt=2026-03-02/sales_${day}_late.json`, sold(5));
    expect(await made(chain)).toMatchObject({ sales: 1, store_days: 1 });
    expect(await revenue(chain)).toMatchObject({ [day]: "12.00", [MONDAYS[1]!]: "20.00" });
  });

  test("is all that a run makes that was asked for it", async () => {
    await using chain = await openMondays();
    for (const day of MONDAYS) await putDay(chain, day, 2);
    const range = { from: MONDAYS[2]!, to: MONDAYS[3]! };
    expect((await chain.run(range)).error).toBeUndefined();
    const amounts = ["20.00", "20.00", "40.00", "40.00", "20.00", "20.00"];
    expect(Object.values(await revenue(chain))).toEqual(amounts);
  });
});
