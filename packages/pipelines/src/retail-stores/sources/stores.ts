import type { SourceTable } from "@ingot/engine/batch";
import { ERROR, keyFault } from "./answers.ts";
import { given, wholeNumber } from "./written.ts";

const LAST_HOUR = 24;
/** `7`, `07:00`, `7h`, `7h00`. */
const HOUR = /^(\d{1,2})(?:\s*h(?:00)?|:00(?::00)?)$/i;

/**
 * The stores. One whose hours or capacity cannot be read is kept without them: without its store every sale and every
 * hour would have to go.
 */
export const stores: SourceTable = {
  kind: "source",
  name: "stores",
  title: "the stores' list",
  files: /^stores?(?![a-z]).*$/i,
  example: "stores.json",
  fields: [
    { name: "id", aliases: ["store_id"], isRequired: true },
    { name: "name", aliases: ["store_name"] },
    { name: "location", aliases: ["city"] },
    { name: "capacity" },
    { name: "opening_hour" },
    { name: "closing_hour" },
    ERROR,
  ],
  merge: "all",
  columns: {
    id: "VARCHAR",
    name: "VARCHAR",
    location: "VARCHAR",
    capacity: "INTEGER",
    opening_hour: "INTEGER",
    closing_hour: "INTEGER",
  },
  unique: { columns: ["id"], keep: "last" },
  checks: new URL("../silver/stores.yml", import.meta.url),
  rule:
    () =>
    ({ values: [idText, name, location, capacityText, opening, closing, error] }) => {
      const id = given(idText);
      if (id === undefined) return keyFault("id", error);
      const capacity = wholeNumber(given(capacityText));
      return [
        id,
        given(name) ?? null,
        given(location) ?? null,
        capacity !== undefined && Number(capacity) >= 0 ? capacity : null,
        hourOf(given(opening)),
        hourOf(given(closing)),
      ];
    },
};

function hourOf(text: string | undefined): string | null {
  const hour = wholeNumber(HOUR.exec(text ?? "")?.[1] ?? text);
  return hour !== undefined && Number(hour) >= 0 && Number(hour) <= LAST_HOUR ? hour : null;
}
