/** Small files of the SME pipeline, as its users export them. */
export const SHOPS = "ID Magasin,Ville,Nombre de salariés\n1,Paris,10\n2,Marseille,5\n";
export const PRODUCTS =
  "Nom,ID Référence produit,Prix,Stock\nProduit A,REF001,49.99,100\nProduit B,REF002,19.99,50\n";

/** So many sales, each of another day, product or shop. */
export function salesFile(count: number): string {
  const rows = Array.from({ length: count }, (_, at) => {
    const day = new Date(Date.UTC(2020, 0, 1 + Math.floor(at / 4))).toISOString().slice(0, 10);
    return `${day},REF00${(at % 2) + 1},${(at % 7) + 1},${(Math.floor(at / 2) % 2) + 1}`;
  });
  return ["Date,ID Référence produit,Quantité,ID Magasin", ...rows].join("\n");
}
