import type { Row as TableRow } from "@ingot/engine/batch";
import fc from "fast-check";
import { expect, it } from "vitest";
import { runs, runsTimeout } from "../../../common/test/support/runs.ts";
import { readRecordPieces } from "../../../engine/src/batch/read-record-pieces.ts";
import { products } from "../../src/sme-sales/sources/products.ts";
import { sales } from "../../src/sme-sales/sources/sales.ts";
import { shops } from "../../src/sme-sales/sources/shops.ts";
import { openCompany } from "./company.ts";
import {
  anyBusiness,
  anyExport,
  type Business,
  type Export,
  isoDay,
  PLAIN_EXPORT,
  productsFile,
  salesFile,
  shopsFile,
} from "./exports.ts";

type Table = typeof shops;

/** What the rule makes of a file's records: rows, and reasons. */
async function outcomes(table: Table, file: Buffer, known: Record<string, ReadonlySet<string>> = {}) {
  const rule = await table.rule({ valuesOf: async (name) => known[name]! });
  const body = (async function* () {
    yield file;
  })();
  const pieces = await Array.fromAsync(readRecordPieces(body, { name: table.example, fields: table.fields }));
  return pieces.flat().map((piece) => ("record" in piece ? rule(piece.record) : piece.problem.reason));
}

async function silver(business: Business, how: Export) {
  const keys = (rows: Awaited<ReturnType<typeof outcomes>>) =>
    new Set(rows.map((row) => (row as TableRow)[0] as string));
  const allShops = await outcomes(shops, shopsFile(business.shops, how));
  const allProducts = await outcomes(products, productsFile(business.products, how));
  const known = { shops: keys(allShops), products: keys(allProducts) };
  return {
    shops: allShops,
    products: allProducts,
    sales: await outcomes(sales, salesFile(business.sales, how), known),
  };
}

it("has the same rows however it is exported", async () => {
  const property = fc.asyncProperty(anyBusiness, anyExport, async (business, how) => {
    const rows = await silver(business, how);
    expect(rows).toEqual(await silver(business, PLAIN_EXPORT));
    expect(rows.sales).toHaveLength(business.sales.length);
    expect(rows.sales.filter((row) => !Array.isArray(row))).toEqual([]);
  });
  await fc.assert(property, { numRuns: runs(60) });
});

/** Figures by a key, as gold has them: quantity and revenue. */
function figures(business: Business, keyOf: (sale: Business["sales"][number]) => string): string[] {
  const prices = new Map(business.products.map(({ id, price }) => [id, price]));
  return [...Map.groupBy(business.sales, keyOf)]
    .map(([key, lines]) => {
      const quantity = lines.reduce((sum, line) => sum + line.quantity, 0);
      const cents = lines.reduce((sum, line) => sum + line.quantity * prices.get(line.product)!, 0);
      return `${key}: ${quantity} ${(cents / 100).toFixed(2)}`;
    })
    .sort();
}

it(
  "has the figures of a naive computation however it is exported",
  async () => {
    const property = fc.asyncProperty(anyBusiness, anyExport, async (business, how) => {
      await using company = await openCompany();
      await company.put("magasins.csv", shopsFile(business.shops, how));
      await company.put("produits.csv", productsFile(business.products, how));
      await company.put("ventes.csv", salesFile(business.sales, how));

      expect((await company.run()).error).toBeUndefined();
      const found = async (table: string, column?: string) =>
        (await company.rows(table))
          .map((row) => `${column === undefined ? "all" : row[column]}: ${row.quantity} ${row.revenue}`)
          .sort();
      const names = new Map(business.products.map(({ id, name }) => [id, name]));
      const cities = new Map(business.shops.map(({ id, city }) => [id, city]));
      expect(await found("total_revenue")).toEqual(figures(business, () => "all"));
      expect(await found("sales_by_day", "date")).toEqual(figures(business, ({ day }) => isoDay(day)));
      expect(await found("sales_by_product", "product")).toEqual(
        figures(business, ({ product }) => names.get(product)!),
      );
      expect(await found("sales_by_city", "city")).toEqual(
        figures(business, ({ shop }) => cities.get(shop)!),
      );
    });
    await fc.assert(property, { numRuns: runs(1) });
  },
  runsTimeout(30_000),
);
