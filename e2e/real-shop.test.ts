import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { naiveGold } from "./naive-gold.ts";
import { copyInto, type Lake, REPOSITORY, temporaryLake } from "./support.ts";

const SHOP = path.join(REPOSITORY, "../shared/data/online-retail-small");
const isThere = existsSync(SHOP);
if (!isThere)
  console.warn(`The real shop's test is skipped: its data is not beside the repository (${SHOP}).`);

type Row = Record<string, string>;

/** The columns that both have, as comparable texts; amounts to two places. */
function table(text: string, columns: readonly string[], rename: Row = {}): string[] {
  const { data } = Papa.parse<Row>(text, { header: true, skipEmptyLines: true });
  return data.map((row) =>
    columns
      .map((column) => row[column] ?? row[rename[column] ?? ""] ?? "?")
      .map((value) => (/^\d+\.\d+$/.test(value) ? Number(value).toFixed(2) : value))
      .join("|"),
  );
}

const expected = (name: string): string => readFileSync(path.join(SHOP, "expected", name), "utf8");

async function worked(lake: Lake): Promise<Record<string, string>> {
  expect(await lake.ingot("clean --once")).toMatchObject({ code: 0 });
  expect(await lake.ingot("aggregate --once")).toMatchObject({ code: 0 });
  return lake.gold();
}

describe.skipIf(!isThere)("eight days of a real shop", () => {
  it("end in the expected gold, to the cent", async () => {
    const lake = temporaryLake();
    copyInto(lake, path.join(SHOP, "bronze"));
    const gold = await worked(lake);

    const byDay = ["order_date", "orders", "revenue"];
    expect(table(gold.sales_by_day!, byDay)).toEqual(
      table(expected("sales_by_day.csv"), byDay, { order_date: "day" }),
    );
    for (const [kpi, column, file] of [
      ["top_products", "product", "top10_products_by_revenue.csv"],
      ["revenue_by_channel", "channel", "revenue_by_channel.csv"],
      ["revenue_by_country", "country", "revenue_by_country.csv"],
    ] as const) {
      const columns = [column, "orders", "revenue"];
      expect(table(gold[kpi]!, columns), kpi).toEqual(table(expected(file), columns));
    }
    const summary = JSON.parse(expected("summary.json"));
    expect(gold.aov).toBe(
      `orders,revenue,aov\n${summary.distinct_orders},${summary.revenue_exact_decimal},19.49\n`,
    );
    expect(gold).toEqual(naiveGold(path.join(SHOP, "bronze")));
  });

  it("account for every record", async () => {
    const lake = temporaryLake();
    copyInto(lake, path.join(SHOP, "bronze"));
    await lake.ingot("clean --once");
    const summary = JSON.parse(expected("summary.json"));
    const quarantined = lake
      .files("quarantine")
      .flatMap((file) => lake.read(`quarantine/${file}`).trim().split("\n"))
      .map((line) => JSON.parse(line).reason);
    expect(quarantined.filter((reason) => reason === "missing_order_id")).toHaveLength(
      summary.dropped_missing_order_id,
    );
    expect(quarantined.filter((reason) => reason === "invalid_order_ts")).toHaveLength(
      summary.dropped_invalid_ts,
    );
    expect(quarantined).toHaveLength(summary.dropped_missing_order_id + summary.dropped_invalid_ts);
  });
});
