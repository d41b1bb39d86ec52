import type { SourceTable } from "@ingot/engine/batch";
import { writtenDate } from "../../values/written-date.ts";
import { SALES_FILES } from "./file-names.ts";
import { PRODUCT_ID_NAMES, SHOP_ID_NAMES } from "./key-names.ts";
import { AMOUNT_TYPE, amount, productKey, remembered, shopKey, writtenText } from "./values.ts";

/** What was sold: a line for each day, product and shop. */
export const sales: SourceTable = {
  kind: "source",
  name: "sales",
  title: "the sales",
  files: SALES_FILES,
  example: "ventes.csv",
  fields: [
    {
      name: "date",
      aliases: ["Date", "Date de vente", "Date vente", "Sale date", "Date of sale", "Jour", "Day"],
      isRequired: true,
    },
    {
      name: "product_id",
      aliases: [...PRODUCT_ID_NAMES, "Produit", "Product"],
      isRequired: true,
    },
    {
      name: "quantity",
      aliases: ["Quantité", "Quantité vendue", "Quantity sold", "Qté", "Qty"],
      isRequired: true,
    },
    {
      name: "shop_id",
      aliases: [...SHOP_ID_NAMES],
      isRequired: true,
    },
  ],
  merge: "all",
  columns: { date: "DATE", product_id: "VARCHAR", shop_id: "VARCHAR", quantity: AMOUNT_TYPE },
  unique: { columns: ["date", "product_id", "shop_id"], keep: "first" },
  from: ["shops", "products"],
  checks: new URL("../silver/sales.yml", import.meta.url),
  rule: async ({ valuesOf }) => {
    const knownProducts = await valuesOf("products", "product_id");
    const knownShops = await valuesOf("shops", "shop_id");
    const dateOf = remembered(readDate);
    const productOf = remembered((text) => readKey("product", productKey(text), knownProducts));
    const shopOf = remembered((text) => readKey("shop", shopKey(text), knownShops));
    const quantityOf = remembered(readQuantity);
    return ({ values }) => {
      const date = dateOf(values[0]);
      const product = productOf(values[1]);
      const quantity = quantityOf(values[2]);
      const shop = shopOf(values[3]);
      const isBlank = date.isNothing && product.isNothing && quantity.isNothing && shop.isNothing;
      if (isBlank) return undefined;
      const fault = date.fault ?? product.fault ?? shop.fault ?? quantity.fault;
      return fault ?? [date.value, product.value, shop.value, quantity.value];
    };
  },
};

/** A field as it was read: its value, or what is wrong with it. */
interface Read {
  value: string;
  fault?: string;
  isNothing?: boolean;
}

function readDate(text: string | undefined): Read {
  const written = writtenText(text);
  if (written === undefined) return nothing("date");
  const date = writtenDate(written);
  return date === undefined ? wrong("invalid_date") : { value: date };
}

function readQuantity(text: string | undefined): Read {
  if (writtenText(text) === undefined) return nothing("quantity");
  const quantity = amount(text);
  if (quantity === undefined) return wrong("invalid_quantity");
  return quantity.startsWith("-") ? wrong("negative_quantity") : { value: quantity };
}

function readKey(field: string, key: string | undefined, known: ReadonlySet<string>): Read {
  if (key === undefined) return nothing(field);
  return known.has(key) ? { value: key } : wrong(`unknown_${field}`);
}

const nothing = (field: string): Read => ({ value: "", fault: `missing_${field}`, isNothing: true });
const wrong = (fault: string): Read => ({ value: "", fault });
