import fc from "fast-check";
import {
  type MadeCell,
  type MadeSheet,
  type MakeOptions,
  makeWorkbook,
} from "../../../engine/test/batch/make-workbook.ts";

/*
 * Months as merchants have them, and workbooks as their programs write them.
 */

export interface Product {
  /** In the ERP. */
  id: string;
  /** In the shop; nothing where it is not sold there. */
  sku: string | undefined;
  cents: number;
  /** Of the shop's rows; none where the shop does not have it. */
  sales: number[];
}

const idText = fc.nat(99_999).map((id) => String(id + 1));
const skuText = fc.oneof(
  { weight: 5, arbitrary: fc.nat(99_999).map((id) => String(id + 1)) },
  fc.nat(9_999).map((id) => `${id + 1}-1`),
  fc.nat(99).map((id) => `bon-cadeau-${id}-euros`),
);

const product: fc.Arbitrary<Product> = fc.record({
  id: idText,
  sku: fc.option(skuText, { freq: 6, nil: undefined }),
  cents: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 500, max: 9_000 }) },
    fc.integer({ min: 20_000, max: 2_000_000 }),
  ),
  sales: fc.array(fc.nat(200), { maxLength: 3 }),
});

/** Products, of which each has keys of its own. */
export const anyProducts: fc.Arbitrary<Product[]> = fc
  .uniqueArray(product, { minLength: 5, maxLength: 60, selector: ({ id }) => id })
  .map((products) => {
    const taken = new Set<string>();
    return products.map((one) => {
      const isFree = one.sku !== undefined && !taken.has(one.sku);
      if (isFree) taken.add(one.sku!);
      return isFree ? one : { ...one, sku: undefined };
    });
  })
  .filter((products) => joined(products).length > 0);

/** Those that both systems have. */
export const joined = (products: readonly Product[]): Product[] =>
  products.filter(({ sku, sales }) => sku !== undefined && sales.length > 0);

/** How a workbook's cells are written. */
export interface Manner {
  key(key: string, at: number): MadeCell;
  price(cents: number, at: number): MadeCell;
  sheet: string;
  above: number;
  /** Of columns, cut to as many as there are. */
  order: number[];
  noise: boolean;
  options: MakeOptions;
}

const KEYS: ((key: string) => MadeCell)[] = [
  (key) => (/^\d+$/.test(key) ? Number(key) : key),
  (key) => (/^\d+$/.test(key) ? { number: `${key}.0` } : key),
  (key) => (/^\d+$/.test(key) ? `${key}.0` : key),
  (key) => ` ${key}\u00a0`,
  (key) => `"${key}"`,
  (key) => key,
];

const decimals = (cents: number, sign: string): string =>
  `${Math.floor(cents / 100)}${sign}${String(cents % 100).padStart(2, "0")}`;
const PRICES: ((cents: number) => MadeCell)[] = [
  (cents) => cents / 100,
  (cents) => ({ number: (cents / 100).toPrecision(17) }),
  (cents) => decimals(cents, "."),
  (cents) => decimals(cents, ","),
  (cents) => `${decimals(cents, ",")} €`,
  (cents) => `€${decimals(cents, ".")}`,
  (cents) => decimals(cents, ",").replace(/\B(?=(\d{3})+,)/g, "\u202f"),
  (cents) => ({ formula: "B2*1.2", found: cents / 100 }),
];

const mixed = <Value>(ways: readonly ((value: Value) => MadeCell)[]) =>
  fc
    .array(fc.constantFrom(...ways), { minLength: 1, maxLength: 7 })
    .map((some) => (value: Value, at: number) => some[at % some.length]!(value));

export const anyManner: fc.Arbitrary<Manner> = fc.record({
  key: mixed(KEYS),
  price: mixed(PRICES),
  sheet: fc.constantFrom("Sheet1", "Feuil1", "Export 2026", "données"),
  above: fc.nat(6),
  order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }),
  noise: fc.boolean(),
  options: fc.record({ texts: fc.constantFrom("shared", "inline"), prefix: fc.constantFrom("", "x:") }),
});

/** The month's three workbooks. */
export function workbooks(products: readonly Product[], manner: Manner): Record<string, Buffer> {
  const { key, price, noise } = manner;
  const keyOf = (text: string | undefined, at: number): MadeCell =>
    text === undefined ? undefined : key(text, at);
  const erp = products.map(({ id, cents }, at) => ({
    product_id: key(id, at),
    price: price(cents, at),
    stock_quantity: -1,
    x: "y",
  }));
  const liaison = products.map(({ id, sku }, at) => ({
    product_id: key(id, at + 1),
    id_web: keyOf(sku, at),
  }));
  const web = products.flatMap(({ sku, sales }, at) =>
    sku === undefined
      ? []
      : sales.map((total_sales, row) => ({
          ...{
            sku: keyOf(sku, at + row),
            virtual: 0,
            total_sales,
            post_title: `Vin ${sku}`,
            post_type: row === 0 ? "attachment" : "product",
          },
        })),
  );
  const blank = { virtual: 0, downloadable: 0, rating_count: 0 };
  if (noise) {
    // What no product of the other system may be taken for: rows without keys, and what only one system has.
    erp.push({ product_id: key("900001", 0), price: "sur demande", stock_quantity: 0, x: "" });
    erp.push({ product_id: key("900002", 0), price: -20, stock_quantity: 0, x: "" });
    liaison.push(
      { product_id: key("900001", 1), id_web: undefined },
      { product_id: key("900002", 1), id_web: " " },
    );
  }
  const webRows = noise
    ? [
        blank,
        ...web,
        { post_title: "sans clé", total_sales: 5 },
        blank,
        { sku: "  ", total_sales: 7, post_title: "x" },
      ]
    : web;
  return {
    "erp.xlsx": workbook(erp, manner),
    "liaison.xlsx": workbook(liaison, manner),
    "web.xlsx": workbook(webRows, manner),
  };
}

function workbook(
  rows: readonly Record<string, MadeCell>[],
  { sheet, above, order, noise, options }: Manner,
): Buffer {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  // The web shop may have sold nothing at all.
  for (const name of ["sku", "total_sales"])
    if (columns.length === 0 || columns.includes("virtual")) columns.push(name);
  const own = [...new Set(columns)];
  const placed = order.flatMap((at) => own[at] ?? []);
  const titles = placed.map((name) => (noise ? ` ${name.replaceAll("_", " ").toUpperCase()}` : name));
  const lines = rows.map((row) => placed.map((name) => row[name]));
  const top = Array.from({ length: above }, (_, at) => (at % 2 === 0 ? [`Export, page ${at}`] : undefined));
  const sheets: MadeSheet[] = [{ name: sheet, rows: [...top, titles, ...lines] }];
  if (noise) sheets.unshift({ name: "Lisez-moi", rows: [["Ce fichier est produit par l'ERP"]] });
  return makeWorkbook(sheets, options);
}
