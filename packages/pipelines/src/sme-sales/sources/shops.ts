import type { SourceTable } from "@ingot/engine/batch";
import { SHOPS_FILES } from "./file-names.ts";
import { SHOP_ID_NAMES } from "./key-names.ts";
import { shopKey, wholeNumber, writtenText } from "./values.ts";

/** The company's shops. A city or a number of employees that is not there costs no shop its sales. */
export const shops: SourceTable = {
  kind: "source",
  name: "shops",
  title: "the shops' list",
  files: SHOPS_FILES,
  example: "magasins.csv",
  fields: [
    {
      name: "shop_id",
      aliases: [...SHOP_ID_NAMES, "ID"],
      isRequired: true,
    },
    { name: "city", aliases: ["Ville", "Town", "Commune"], isRequired: true },
    {
      name: "employees",
      aliases: [
        "Nombre de salariés",
        "Salariés",
        "Effectif",
        "Number of employees",
        "Employee count",
        "Staff",
      ],
    },
  ],
  merge: "all",
  columns: { shop_id: "VARCHAR", city: "VARCHAR", employees: "BIGINT" },
  unique: { columns: ["shop_id"], keep: "last" },
  checks: new URL("../silver/shops.yml", import.meta.url),
  rule:
    () =>
    ({ values: [id, city, employees] }) => {
      const shop = shopKey(id);
      if (shop !== undefined) return [shop, writtenText(city) ?? null, wholeNumber(employees) ?? null];
      return writtenText(city) === undefined ? undefined : "missing_shop_id";
    },
};
