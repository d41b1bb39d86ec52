import fc from "fast-check";
import { anyWriting, PLAIN, type Writing, writtenFile } from "../../../engine/test/batch/written-file.ts";

export interface Shop {
  id: string;
  city: string;
}

export interface Product {
  id: string;
  name: string;
  /** In cents. */
  price: number;
}

export interface Sale {
  /** Days after 2026-01-01. */
  day: number;
  product: string;
  shop: string;
  quantity: number;
}

export interface Business {
  shops: readonly Shop[];
  products: readonly Product[];
  sales: readonly Sale[];
}

/** How an export writes a business's three files. */
export interface Export {
  files: readonly [Writing, Writing, Writing];
  language: "French" | "English";
  dates: "2026-01-31" | "31/01/2026" | "31.1.2026" | "2026-01-31T00:00:00" | "31/01/2026 12:30";
  prices: "1234.5" | "1234,50" | "1 234,50" | "1\u00a0234,50 €" | "€1,234.50";
  shops: "1" | "1.0" | "01";
}

export const anyExport: fc.Arbitrary<Export> = fc.record({
  files: fc.tuple(anyWriting, anyWriting, anyWriting),
  language: fc.constantFrom("French", "English"),
  dates: fc.constantFrom("2026-01-31", "31/01/2026", "31.1.2026", "2026-01-31T00:00:00", "31/01/2026 12:30"),
  prices: fc.constantFrom("1234.5", "1234,50", "1 234,50", "1\u00a0234,50 €", "€1,234.50"),
  shops: fc.constantFrom("1", "1.0", "01"),
});

export const PLAIN_EXPORT: Export = {
  files: [PLAIN, PLAIN, PLAIN],
  language: "French",
  dates: "2026-01-31",
  prices: "1234.5",
  shops: "1",
};

const HEADERS = {
  French: {
    shops: ["ID Magasin", "Ville", "Nombre de salariés"],
    products: ["Nom", "ID Référence produit", "Prix", "Stock"],
    sales: ["Date", "ID Référence produit", "Quantité", "ID Magasin"],
  },
  English: {
    shops: ["Store ID", "City", "Number of employees"],
    products: ["Product name", "Product reference", "Price", "Stock"],
    sales: ["Date", "Product reference", "Quantity", "Store ID"],
  },
} as const;

export const shopsFile = (shops: readonly Shop[], { files, language, shops: ids }: Export): Buffer =>
  writtenFile(
    HEADERS[language].shops,
    shops.map(({ id, city }) => [shopId(id, ids), city, "5"]),
    files[0],
  );

export const productsFile = (products: readonly Product[], { files, language, prices }: Export): Buffer =>
  writtenFile(
    HEADERS[language].products,
    products.map(({ id, name, price }) => [name, id, priceText(price, prices), "100"]),
    files[1],
  );

export const salesFile = (sales: readonly Sale[], { files, language, dates, shops }: Export): Buffer =>
  writtenFile(
    HEADERS[language].sales,
    sales.map(({ day, product, shop, quantity }) => [
      dateText(day, dates),
      product,
      String(quantity),
      shopId(shop, shops),
    ]),
    files[2],
  );

const shopId = (id: string, form: Export["shops"]): string =>
  ({ "1": id, "1.0": `${id}.0`, "01": id.padStart(2, "0") })[form];

function priceText(cents: number, form: Export["prices"]): string {
  const [whole = "", places = ""] = (cents / 100).toFixed(2).split(".");
  const grouped = (separator: string): string => whole.replace(/\B(?=(\d{3})+$)/g, separator);
  return {
    "1234.5": String(cents / 100),
    "1234,50": `${whole},${places}`,
    "1 234,50": `${grouped(" ")},${places}`,
    "1\u00a0234,50 €": `${grouped("\u00a0")},${places} €`,
    "€1,234.50": `€${grouped(",")}.${places}`,
  }[form];
}

export const isoDay = (day: number): string =>
  new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);

function dateText(day: number, form: Export["dates"]): string {
  const [year, month, date] = isoDay(day).split("-") as [string, string, string];
  return {
    "2026-01-31": `${year}-${month}-${date}`,
    "31/01/2026": `${date}/${month}/${year}`,
    "31.1.2026": `${Number(date)}.${Number(month)}.${year}`,
    "2026-01-31T00:00:00": `${year}-${month}-${date}T00:00:00`,
    "31/01/2026 12:30": `${date}/${month}/${year} 12:30`,
  }[form];
}

/** A business of some size: every sale is of another day, product or shop. */
export const anyBusiness: fc.Arbitrary<Business> = fc
  .record({
    prices: fc.array(fc.integer({ min: 0, max: 250_000 }), { minLength: 1, maxLength: 4 }),
    cities: fc.array(fc.constantFrom("Paris", "Saint-Étienne", "L’Haÿ; les Roses", 'Aix, en "P"'), {
      minLength: 1,
      maxLength: 4,
    }),
    quantities: fc.array(fc.nat(20), { minLength: 1, maxLength: 30 }),
  })
  .map(({ prices, cities, quantities }) => {
    const shops = cities.map((city, at) => ({ id: String(at + 1), city }));
    const products = prices.map((price, at) => ({ id: `RÉF${at}`, name: `Café n° ${at}`, price }));
    const sales = quantities.map((quantity, at) => ({
      day: at,
      product: products[(at * 7) % products.length]!.id,
      shop: shops[(at * 3) % shops.length]!.id,
      quantity,
    }));
    return { shops, products, sales };
  });
