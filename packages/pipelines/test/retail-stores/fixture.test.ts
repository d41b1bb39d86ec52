import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type Chain, type Metrics, metricsIn, openChain } from "./chain.ts";

const FIXTURE = fileURLToPath(new URL("../../../../../shared/data/retail-stores", import.meta.url));
const isThere = existsSync(FIXTURE);
if (!isThere) console.warn(`The stores' fixture is skipped: it is not beside the repository (${FIXTURE}).`);

/** What the expected file prints of a number: four decimals. */
const PRINTED = 0.000051;

const fileOf = (name: string): Buffer => readFileSync(path.join(FIXTURE, name));

/** The fixture's records of a file, by day. */
function daysOf(records: readonly Record<string, string>[], day: string): Map<string, object[]> {
  return Map.groupBy(records, (record) => record[day]!);
}

async function putLists(chain: Chain): Promise<void> {
  for (const name of ["clients", "products", "stores"]) {
    await chain.putText(`${name}/${name}.json`, fileOf(`${name}.json`));
  }
}

function expectSame(found: readonly Metrics[], expected: readonly Metrics[]): void {
  expect(found).toHaveLength(expected.length);
  expect(Object.keys(found[0]!)).toEqual(Object.keys(expected[0]!));
  const byKey = new Map(found.map((row) => [`${row.date} ${row.store_id}`, row]));
  const wrong = expected.flatMap((row) => {
    const own = byKey.get(`${row.date} ${row.store_id}`);
    return Object.entries(row)
      .filter(([name, value]) => !isSame(own?.[name], value))
      .map(([name, value]) => `${row.date} ${row.store_id} ${name}: ${own?.[name]} instead of ${value}`);
  });
  expect(wrong).toEqual([]);
}

function isSame(own: string | undefined, expected: string): boolean {
  if (own === expected) return true;
  return !!own && expected !== "" && Math.abs(Number(own) - Number(expected)) <= PRINTED;
}

describe.skipIf(!isThere)("the stores' fixture", () => {
  test("ends in the expected metrics, whatever the days' order and the number of runs", async () => {
    await using whole = await openChain();
    await putLists(whole);
    await whole.putText("retail_data.json", fileOf("retail_data.json"));
    await whole.putText("sales.json.gz", fileOf("sales.json.gz"));
    const { record, error } = await whole.run();
    expect(error).toBeUndefined();
    expectSame(await whole.metrics(), metricsIn(fileOf("expected_daily_metrics.csv").toString()));
    expect(record.steps.find(({ name }) => name === "store_daily_metrics")?.measures).toMatchObject({
      revenue: "18121047.24",
      transactions: "15379",
      quantity: "137635",
      visitors: "38167.48",
    });
    expect(record.steps[0]!.measures).toMatchObject({ invalid_ages: "1" });

    await using daily = await openChain();
    await putLists(daily);
    const hours = daysOf(JSON.parse(fileOf("retail_data.json").toString()), "date");
    const sales = daysOf(JSON.parse(gunzipSync(fileOf("sales.json.gz")).toString()), "sale_date");
    // Every second day, so that a run finds days before and between those that are there.
    for (const half of [1, 0]) {
      for (const [at, day] of [...hours.keys()].entries()) {
        if (at % 2 !== half) continue;
        await daily.put(`retail_data/date=${day}/retail_data_${day}.json`, hours.get(day)!);
        await daily.put(`sales/sale_date=${day}/sales_${day}.json`, sales.get(day) ?? []);
      }
      expect((await daily.run()).error).toBeUndefined();
    }
    expect(await daily.csv()).toBe(await whole.csv());
  }, 60_000);
});
