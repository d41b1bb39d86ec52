/** What products there may be, each with its prices in whole euros or tenths. */
export interface ProductKind {
  name: string;
  /** Of one, in cents, both included. */
  fromCents: number;
  toCents: number;
  category: string;
}

const kind = (name: string, from: number, to: number, category: string): ProductKind => ({
  name,
  fromCents: Math.round(from * 100),
  toCents: Math.round(to * 100),
  category,
});

/**
 * The kinds that products are drawn from, each as likely as another (contract: retail stores, section 1). All eleven that
 * have a price: the original draws the first eight only, so that its category Alimentation is always empty.
 */
export const PRODUCT_KINDS: readonly ProductKind[] = [
  kind("Smartphone", 100, 2500, "Électronique"),
  kind("Ordinateur", 200, 3000, "Électronique"),
  kind("Télévision", 100, 2000, "Électronique"),
  kind("Chaise", 10, 200, "Meubles"),
  kind("Bureau", 50, 400, "Meubles"),
  kind("Shampooing", 1, 20, "Beauté"),
  kind("Chaussures", 10, 300, "Mode"),
  kind("T-shirt", 5, 50, "Mode"),
  kind("Maquillage", 1, 50, "Beauté"),
  kind("Fruits&legumes", 0.5, 10, "Alimentation"),
  kind("Viande", 5, 20, "Alimentation"),
];
