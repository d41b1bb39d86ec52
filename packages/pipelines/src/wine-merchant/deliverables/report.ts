import { writeFile } from "node:fs/promises";
import type { Deliverable, DeliverableContext } from "@ingot/engine/batch";
import type { Sheet, SheetRow } from "@ingot/engine/xlsx";

const BEST = 10;
const TIMEOUT_MS = 60_000;

const PRODUCTS = `
  select product_id, sku, coalesce(title, ''), cast(price as varchar), cast(total_sales as varchar),
    cast(revenue as varchar), coalesce(round(revenue / nullif(sum(revenue) over (), 0), 6), 0), class
  from premium
  order by premium.revenue desc, product_id`;

const FIGURES = `
  select count(*), coalesce(sum(revenue), 0), coalesce(sum(total_sales), 0), count(*) filter (where total_sales > 0),
    count(*) filter (where class = 'premium'), count(*) filter (where class = 'ordinaire'),
    coalesce(sum(revenue) filter (where class = 'premium'), 0),
    coalesce(sum(revenue) filter (where class = 'ordinaire'), 0),
    coalesce(min(price) filter (where class = 'premium'), 0), round(coalesce(avg(price), 0), 2)
  from premium`;

/** The month's revenue as a product manager reads it: what matters on the first sheet, all products on the second. */
export const report: Deliverable = {
  file: "rapport_ca.xlsx",
  from: ["premium"],
  contentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  write: async ({ path, query, currency, month, signal }) => {
    const [figures] = (await rowsOf(query, FIGURES)) as [string[]];
    const products = await rowsOf(query, PRODUCTS);
    // Loaded here only: most runs write no workbook.
    const { writeWorkbook } = await import("@ingot/engine/xlsx");
    const sheets = [
      summary(figures, products, monthName(month)),
      byProduct(figures, products, monthName(month)),
    ];
    const options = { currency, currencyDisplay: "symbol", timeoutMs: TIMEOUT_MS, signal } as const;
    await writeFile(path, await writeWorkbook(sheets, options));
    return { rows: products.length };
  },
};

async function rowsOf(query: DeliverableContext["query"], sql: string): Promise<string[][]> {
  const { batches } = await query(sql);
  const rows = (await Array.fromAsync(batches)).flat();
  return rows.map((row) => row.map((value) => value ?? ""));
}

/** `novembre 2026`. */
function monthName(month: string | undefined): string {
  if (month === undefined) return "";
  const format = new Intl.DateTimeFormat("fr", { month: "long", year: "numeric", timeZone: "UTC" });
  return format.format(new Date(`${month}-01T00:00:00Z`));
}

function summary(figures: readonly string[], products: readonly SheetRow[], month: string): Sheet {
  const [count, revenue, bottles, sold, premium, ordinary, premiumRevenue, ordinaryRevenue, least, mean] =
    figures as string[];
  const integer = (value: string | undefined) => ({ value: value!, type: "integer" as const });
  const money = (value: string | undefined) => ({ value: value!, type: "money" as const });
  return {
    name: "Synthèse",
    title: `Chiffre d'affaires – ${month}`,
    notes: ["Ventes de la boutique en ligne, rapprochées avec les prix de l'ERP."],
    columns: [
      { name: "Indicateur", type: "text" },
      { name: "Valeur", type: "money" },
    ],
    rows: [
      ["Chiffre d'affaires total", money(revenue)],
      ["Produits rapprochés", integer(count)],
      ["– dont vendus au moins une fois", integer(sold)],
      ["Unités vendues", integer(bottles)],
      ["Prix moyen", money(mean)],
      ["Vins premium", integer(premium)],
      ["Vins ordinaires", integer(ordinary)],
      ["Chiffre d'affaires des vins premium", money(premiumRevenue)],
      ["Chiffre d'affaires des vins ordinaires", money(ordinaryRevenue)],
      ["Premium à partir d'un prix de", premium === "0" ? "" : money(least)],
    ],
    below: [
      {
        title: `Les ${Math.min(BEST, products.length)} meilleurs produits`,
        columns: [
          { name: "Produit", type: "text" },
          { name: "Chiffre d'affaires", type: "money" },
          { name: "Unités", type: "integer" },
          { name: "Prix", type: "money" },
          { name: "Part du CA", type: "percent", decimals: 1 },
          { name: "Classe", type: "text" },
        ],
        rows: products.slice(0, BEST).map((product) => {
          const [id, , title, price, sales, earned, share, wineClass] = product as string[];
          return [title || `Produit ${id}`, earned!, sales!, price!, share!, labelOf(wineClass!)];
        }),
      },
    ],
    footnotes: [
      "Chiffre d'affaires = prix de l'ERP × unités vendues en ligne, par produit ; le total est la somme exacte.",
      "Un produit compte une fois : celle de ses lignes de la boutique qui a les ventes les plus élevées.",
      "Premium : prix à plus de deux écarts-types au-dessus de la moyenne des produits rapprochés (z-score > 2).",
      "Le détail par produit est dans la feuille suivante ; les listes, dans vins_premium.csv et vins_ordinaires.csv.",
    ],
  };
}

function byProduct(figures: readonly string[], products: readonly SheetRow[], month: string): Sheet {
  const [count, revenue, bottles] = figures as string[];
  return {
    name: "CA par produit",
    title: `Chiffre d'affaires par produit – ${month}`,
    notes: [`${count} produits, du plus grand chiffre d'affaires au plus petit.`],
    columns: [
      { name: "Réf. ERP", type: "text" },
      { name: "Réf. boutique", type: "text" },
      { name: "Produit", type: "text" },
      { name: "Prix", type: "money" },
      { name: "Unités vendues", type: "integer" },
      { name: "Chiffre d'affaires", type: "money" },
      { name: "Part du CA", type: "percent", decimals: 2 },
      { name: "Classe", type: "text" },
    ],
    rows: products.map((product) => [...product.slice(0, -1), labelOf(product.at(-1) as string)]),
    totals: [
      "Total",
      "",
      "",
      "",
      bottles!,
      revenue!,
      Number(revenue) === 0 ? "" : { value: "1", type: "percent" },
      "",
    ],
    hasFilter: true,
  };
}

const labelOf = (wineClass: string): string => (wineClass === "premium" ? "Premium" : "Ordinaire");
