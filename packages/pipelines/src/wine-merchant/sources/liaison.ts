import type { SourceTable } from "@ingot/engine/batch";
import { writtenKey } from "../../values/written-key.ts";

/** Which product of the ERP is which one of the shop. Products that the shop does not have stand there without its key. */
export const liaison: SourceTable = {
  kind: "source",
  name: "clean_liaison",
  title: "the list that links the ERP's products with the shop's",
  files: /^(?!~\$).*(?:liaison|correspondance|mapping)/i,
  example: "liaison.xlsx",
  fields: [
    { name: "product_id", aliases: ["id_produit", "id_product", "produit_id"], isRequired: true },
    { name: "id_web", aliases: ["web_id", "sku"], isRequired: true },
  ],
  merge: "newest",
  columns: { product_id: "VARCHAR", id_web: "VARCHAR" },
  checks: new URL("../silver/clean_liaison.yml", import.meta.url),
  rule:
    () =>
    ({ values: [id, web] }) => {
      const key = writtenKey(id);
      const webKey = writtenKey(web);
      if (key !== undefined) return [key, webKey ?? null];
      return webKey === undefined ? undefined : "missing_product_id";
    },
};
