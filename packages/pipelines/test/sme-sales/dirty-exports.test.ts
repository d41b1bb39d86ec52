import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type RecordCounts, type RunRecord, tableOf } from "@ingot/engine/batch";
import { expect, it } from "vitest";
import smeSales from "../../src/sme-sales/pipeline.ts";
import { type Company, openCompany, type Row } from "./company.ts";

const SHOPS = `ID Magasin;Ville;Nombre de salariés
1;Lyon;4
;;
 2 ;Paris;beaucoup
;Nice;3
3;;1
1;Lille;4
`;
const PRODUCTS = `Nom;ID Référence produit;Prix;Stock
Vis, longue;R1;1 234,56;10
Clou;R2;0,125;
Écrou;R3;sur demande;3
Joint;R4;;3
Rabais;R5;-2;3
;R6;2;-1
Colle;;2;3
`;
/** Each line with what is to become of it. */
const SALES = [
  ["2026-02-28;R1;2;1", "kept"],
  ["28/02/2026;R1;2;1", "duplicate"],
  ["2026-02-28; R1 ;5;01", "duplicate"],
  ["2026-02-28;R1;1,5;2", "kept"],
  ["2026-03-01;R2;3;1.0", "kept"],
  ["2026-03-01;R6;0;3", "kept"],
  ["2026-02-30;R1;2;1", "invalid_date"],
  [";R1;2;1", "missing_date"],
  ["2026-02-28;;2;1", "missing_product"],
  ["2026-02-28;R1;2;", "missing_shop"],
  ["2026-02-28;R1;;1", "missing_quantity"],
  ["2026-02-28;R1;deux;2", "invalid_quantity"],
  ["2026-02-28;R1;-1;2", "negative_quantity"],
  ["2026-02-28;r1;1;2", "unknown_product"],
  ["2026-02-28;R9;1;2", "unknown_product"],
  ["2026-02-28;R3;1;2", "unknown_product"],
  ["2026-02-28;R1;1;9", "unknown_shop"],
  [";;;", "dropped"],
  ["2026-02-28;R1;1;2;3", "invalid_csv"],
] as const;

const salesText = (): string =>
  `Date;ID Référence produit;Quantité;ID Magasin\n${SALES.map(([line]) => `${line}\n`).join("")}`;

async function putAll(company: Company): Promise<void> {
  await company.put("magasins.csv", SHOPS);
  await company.put("produits.csv", PRODUCTS);
  await company.put("ventes.csv", salesText());
}

const countsOf = ({ steps }: RunRecord, table: string): RecordCounts =>
  steps.find(({ name }) => name === table)!.records!;

const short = (rows: readonly Row[], ...columns: string[]): string[] =>
  rows.map((row) => columns.map((column) => row[column]).join(" "));

async function openDatabase(company: Company): Promise<DatabaseSync> {
  const file = path.join(tmpdir(), `ingot-sales-${process.pid}-${Math.random()}.sqlite`);
  await writeFile(file, await company.bytes("sales.sqlite"));
  return new DatabaseSync(file, { readOnly: true });
}

it("accounts for every record, and takes back what late files make good", async () => {
  await using company = await openCompany();
  await putAll(company);
  const first = await company.run();
  expect(first.error).toBeUndefined();

  const outcomes = SALES.map(([, outcome]) => outcome);
  const reasons = outcomes.filter((outcome) => !["kept", "duplicate", "dropped"].includes(outcome));
  expect(await company.reasons("ventes.csv")).toEqual(reasons);
  expect(await company.reasons("produits.csv")).toEqual([
    "invalid_price",
    "missing_price",
    "negative_price",
    "missing_product_id",
  ]);
  expect(await company.reasons("magasins.csv")).toEqual(["missing_shop_id"]);
  expect(countsOf(first.record, "sales")).toMatchObject({
    read: 19,
    kept: 4,
    duplicates: 2,
    rejected: 12,
    dropped: 1,
    reasons: { unknown_product: 3, unknown_shop: 1, negative_quantity: 1, invalid_csv: 1 },
  });
  expect(countsOf(first.record, "shops")).toMatchObject({
    read: 6,
    kept: 3,
    duplicates: 1,
    rejected: 1,
    dropped: 1,
  });

  const byProduct = async () =>
    short(await company.rows("sales_by_product"), "product", "quantity", "revenue");
  expect(await byProduct()).toEqual(["Vis, longue 3.5 4320.96", "Clou 3 0.38", "R6 0 0.00"]);
  expect(short(await company.rows("sales_by_city"), "city", "quantity", "revenue")).toEqual([
    "Lille 5 2469.50",
    "Paris 1.5 1851.84",
    "unknown 0 0.00",
  ]);
  expect(await company.rows("total_revenue")).toEqual([{ sales: "4", quantity: "6.5", revenue: "4321.34" }]);

  await company.put("2026-03/produits.csv", "Product name,Product ref,Price\nÉcrou,R3,10\nClou,R2,1\n");
  const second = await company.run();
  expect(second.error).toBeUndefined();
  expect(await byProduct()).toEqual(["Vis, longue 3.5 4320.96", "Clou 3 3.00", "Écrou 1 10.00", "R6 0 0.00"]);
  expect(await company.reasons("ventes.csv")).toHaveLength(reasons.length - 1);
  const results = await company.rows("analysis_results");
  expect(
    short(
      results.filter(({ analysis }) => analysis === "total_revenue"),
      "value",
      "run_id",
      "run_at",
    ),
  ).toEqual([
    `4321.34 ${first.record.id} ${first.record.started_at}`,
    `4333.96 ${second.record.id} ${second.record.started_at}`,
  ]);

  const database = await openDatabase(company);
  const all = (sql: string) => database.prepare(sql).all();
  expect(all("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  expect(all("PRAGMA foreign_key_check")).toEqual([]);
  expect(all("SELECT \"table\" FROM pragma_foreign_key_list('sales') ORDER BY 1")).toEqual([
    { table: "products" },
    { table: "shops" },
  ]);
  expect(all("SELECT * FROM shops")).toEqual([
    { shop_id: "1", city: "Lille", employees: 4 },
    { shop_id: "2", city: "Paris", employees: null },
    { shop_id: "3", city: null, employees: 1 },
  ]);
  expect(all("SELECT name, price, stock FROM products WHERE product_id = 'R1'")).toEqual([
    { name: "Vis, longue", price: 1234.56, stock: 10 },
  ]);
  expect(all("SELECT sum(revenue_cents) AS cents, sum(quantity) AS quantity FROM sales")).toEqual([
    { cents: 433396, quantity: 7.5 },
  ]);
  expect(all("SELECT typeof(quantity) AS type, revenue FROM sales WHERE product_id = 'R3'")).toEqual([
    { type: "integer", revenue: 10 },
  ]);
  expect(
    all(
      "SELECT analysis, product, city, printf('%.2f', value) AS value, run_id, run_at FROM analysis_results",
    ),
  ).toEqual(results.map((row) => ({ ...row, product: row.product || null, city: row.city || null })));
  database.close();
});

it("publishes nothing of files that are not what they are called, and goes on when they are mended", async () => {
  await using company = await openCompany();
  await putAll(company);
  await company.put("magasins.csv", "ID Magasin;Ville\n");
  expect((await company.run()).error).toMatchObject({ code: "check_failed" });
  await company.put("magasins.csv", SHOPS);
  await company.put("ventes.csv", SHOPS);
  const { error } = await company.run();
  expect(error).toMatchObject({ code: "source_invalid" });
  expect(String(error)).toContain('has no "Date"');
  await expect(company.rows("total_revenue")).rejects.toMatchObject({ code: "object_missing" });
  await company.put("ventes.csv", salesText());
  expect((await company.run()).record.status).toBe("published");
});

it.each([
  ["magasins.csv", "shops"],
  ["Stores-2026.csv", "shops"],
  ["2026-03 produits (1).csv.gz", "products"],
  ["export_ventes.csv", "sales"],
  ["ventes_magasin_3.csv", "sales"],
  ["sales by product.xlsx", "sales"],
  ["~$ventes.xlsx", undefined],
  ["inventes.csv", undefined],
])("a file called %s is of %s", (file, table) => {
  expect(tableOf(smeSales, `sme-sales/${file}`)?.name).toBe(table);
});
