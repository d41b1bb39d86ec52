const SHOPS = "magasins?|boutiques?|shops?|stores?";
const PRODUCTS = "produits?|articles?|products?";
const SALES = "ventes?|sales?";

const word = (words: string): string => `(?<![a-z])(?:${words})(?![a-z])`;

/** Names with one of the words and none of the others, such as `2026-03 ventes (1).csv`; no locks of Excel's. */
const withWord = (words: string, others: readonly string[]): RegExp =>
  new RegExp(`^(?!~\\$)${others.map((other) => `(?!.*${word(other)})`).join("")}.*${word(words)}`, "i");

// The sales of a shop or a product are sales.
export const SALES_FILES = withWord(SALES, []);
export const PRODUCTS_FILES = withWord(PRODUCTS, [SALES]);
export const SHOPS_FILES = withWord(SHOPS, [SALES, PRODUCTS]);
