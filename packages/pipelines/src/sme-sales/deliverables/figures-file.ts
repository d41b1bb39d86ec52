import { csvFile, type Deliverable } from "@ingot/engine/batch";

/** Quantities with as many digits as they need: `122`, `2.5`. */
export const QUANTITY = "rtrim(rtrim(cast(quantity as varchar), '0'), '.')";

/** A table of figures as CSV. */
export const figuresFile = (table: string): Deliverable =>
  csvFile(table, { sql: `select * replace (${QUANTITY} as quantity) from "${table}"` });
