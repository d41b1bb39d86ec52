import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import Papa from "papaparse";
import { describe, expect, test } from "vitest";
import { openMerchant, type Row, statuses } from "./merchant.ts";

const WINE = fileURLToPath(new URL("../../../../../shared/data/wine", import.meta.url));
const isThere = existsSync(WINE);
if (!isThere)
  console.warn(`The wine merchant's test is skipped: its data is not beside the repository (${WINE}).`);

const EXPECTED = `
clean erp: { rows: 825 }
clean liaison: { rows: 825 }
clean_web: 1428
dedup_web: 714
joined: 714
revenue: { total: 70568.60, tolerance: 0.01 }
premium: { premium: 30, ordinary: 684 }
`;

describe.skipIf(!isThere)("the merchant's real month", () => {
  test("passes its checks, and each product has its class, price, revenue and score", async () => {
    await using merchant = await openMerchant();
    for (const name of ["erp", "liaison", "web"]) {
      await merchant.put(`month=2026-11/${name}.xlsx`, await readFile(path.join(WINE, `${name}.xlsx`)));
    }
    await merchant.put("month=2026-11/expected.yml", EXPECTED);
    const { record, error } = await merchant.run();
    expect(error).toBeUndefined();
    expect(record.status).toBe("published");
    const met = record.steps.flatMap(({ checks = [] }) =>
      checks.filter(({ check }) => check.startsWith("expected_")),
    );
    expect(met.map(({ status }) => status)).toEqual(Array(8).fill("pass"));
    expect(record.steps.find(({ name }) => name === "clean_web")?.records).toMatchObject({
      ...{ read: 1513, kept: 1428, dropped: 83, rejected: 2, reasons: { missing_sku: 2 } },
    });

    const csv = await readFile(path.join(WINE, "expected_products.csv"), "utf8");
    const expected = Papa.parse<Row>(csv, { header: true, skipEmptyLines: true }).data;
    const line = ({ product_id, sku, class: wineClass, price, total_sales, revenue, zscore }: Row) =>
      [product_id, sku, wineClass, Number(price), total_sales, Number(revenue), zscore].join(" ");
    const products = await merchant.products();
    expect(products.map(line).sort()).toEqual(expected.map(line).sort());

    const { Synthèse: summary = [], "CA par produit": rows = [] } = await merchant.report();
    expect(summary).toContainEqual(["Chiffre d'affaires total", 70568.6]);
    expect(rows).toHaveLength(714 + 5);
    expect(rows.at(-1)).toEqual(["Total", "", "", "", 2865, 70568.6, 1]);

    // A month whose figures are others than expected keeps what there is.
    const before = await merchant.keys("latest/");
    const expectations = [{ table: "dedup_web", measure: "rows", value: "713" }];
    const failed = await merchant.run({ expectations });
    expect(failed.error).toMatchObject({
      code: "check_failed",
      message: expect.stringContaining("dedup_web"),
    });
    expect(statuses(failed)).toMatchObject({
      clean_web: "reused",
      dedup_web: "failed",
      joined: "skipped",
      publish: "skipped",
    });
    expect(await merchant.keys("latest/")).toEqual(before);
  });
});
