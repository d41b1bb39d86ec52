/** What files call the reference of a product, wherever it stands. */
export const PRODUCT_ID_NAMES = [
  "ID Référence produit",
  "Référence produit",
  "Product reference",
  "ID produit",
  "Product ID",
  "Product ref",
  "Référence",
  "Reference",
  "Réf",
  "SKU",
] as const;

/** What files call the number of a shop, wherever it stands. */
export const SHOP_ID_NAMES = [
  "ID Magasin",
  "Store ID",
  "Shop ID",
  "N° Magasin",
  "Code magasin",
  "Magasin",
  "Store",
  "Shop",
] as const;
