import type { SchemaChange } from "@ingot/pipelines";
import { printable } from "./query/text-table.ts";

/** So many of the newest changes are shown. */
const SHOWN = 5;

/** The newest changes as lines; none where there are none. */
export function schemaLines(schemas: readonly SchemaChange[]): string[] {
  if (schemas.length === 0) return [];
  const lines = schemas
    .slice(0, SHOWN)
    .flatMap(({ dataset, changes, object, noticed_at }) => [
      `  ${dataset.padEnd(11)}${noticed_at}  ${printable(object)}`,
      ...changes.map((change) => `${" ".repeat(13)}${printable(change)}`),
    ]);
  const more = schemas.length > SHOWN ? [`  … and ${schemas.length - SHOWN} before; --json shows all`] : [];
  return ["", "Schema changes:", ...lines, ...more];
}
