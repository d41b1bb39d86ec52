import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openCompany, type Row } from "./company.ts";

const REPOSITORY = fileURLToPath(new URL("../../../../", import.meta.url));
const EXPORT = path.join(REPOSITORY, "../shared/data/sme-sales");
const isThere = existsSync(EXPORT);
if (!isThere)
  console.warn(`The real export's test is skipped: its data is not beside the repository (${EXPORT}).`);

interface Figures {
  quantite: number;
  ca: string;
}

/** By the values of a column, as the expected figures have them. */
const by = (rows: readonly Row[], column: string): Record<string, Figures> =>
  Object.fromEntries(rows.map((row) => [row[column]!, { quantite: Number(row.quantity), ca: row.revenue! }]));

describe.skipIf(!isThere)("a real export", () => {
  it("gives the expected figures, and the same again", async () => {
    await using company = await openCompany();
    for (const file of ["magasins.csv", "produits.csv", "ventes.csv"]) {
      await company.put(file, readFileSync(path.join(EXPORT, file)));
    }
    const expected = JSON.parse(readFileSync(path.join(EXPORT, "expected.json"), "utf8"));

    expect((await company.run()).error).toBeUndefined();
    const [total] = await company.rows("total_revenue");
    expect(total).toEqual({
      sales: String(expected.rows),
      quantity: String(expected.quantite_totale),
      revenue: expected.ca_total,
    });
    expect(by(await company.rows("sales_by_product"), "product")).toEqual(expected.par_produit);
    expect(by(await company.rows("sales_by_city"), "city")).toEqual(expected.par_ville);
    const days = await company.rows("sales_by_day");
    expect(by(days, "date")).toEqual(expected.par_jour);
    expect([days[0]?.date, days.at(-1)?.date]).toEqual(expected.dates);

    const database = await company.bytes("sales.sqlite");
    expect((await company.run()).record.status).toBe("unchanged");
    expect(await company.bytes("sales.sqlite")).toEqual(database);
  });
});
