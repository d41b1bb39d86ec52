import { createHash } from "node:crypto";
import { productVersion } from "@ingot/common";
import type { Pipeline, Table } from "./pipeline.ts";

/** How a table lies in silver: in one file, or in one for each day or month. */
export type Cut = { by: "nothing" } | { by: "day"; column: string } | { by: "month" };

/** The part of a table that is not cut. */
export const WHOLE = "";

export function cutOf(pipeline: Pipeline, table: Table): Cut {
  if (table.day !== undefined) return { by: "day", column: table.day };
  return pipeline.periods?.kind === "month" ? { by: "month" } : { by: "nothing" };
}

/** Where a part of a table lies in silver. @param part a day, a month, or `WHOLE` */
export function tableKey(pipeline: Pipeline, table: Table, part: string): string {
  const cut = cutOf(pipeline, table);
  const folder = `${pipeline.name}/${table.name}/`;
  if (cut.by === "nothing") return `${folder}${table.name}.parquet`;
  const column = cut.by === "day" ? cut.column : "month";
  return `${folder}${column}=${part}/${table.name}_${part}.parquet`;
}

/** Where a pipeline's states lie in silver. */
export const stateFolder = (pipeline: string): string => `${pipeline}/_state/`;
export const stateKey = (pipeline: Pipeline, table: Table): string =>
  `${stateFolder(pipeline.name)}${table.name}.json`;

/** What tells code that makes a pipeline's tables from other code. */
export const codeOf = ({ version = "" }: Pipeline): string => `${productVersion()} ${version}`;

/** One text for several, which differs where one of them does. */
export function fingerprintOf(parts: readonly (string | undefined)[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
