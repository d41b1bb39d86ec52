import { isPrintedNumber } from "@ingot/engine";
import type { ColumnType } from "../api/contract.ts";

export interface TableColumn {
  name: string;
  type: ColumnType;
}

/** A table to be downloaded, its values printed as gold prints them: amounts with two decimals, nothing for `null`. */
export interface Table {
  /** Names the file. */
  name: string;
  columns: readonly TableColumn[];
  rows: readonly (readonly string[])[];
}

const NUMERIC: ReadonlySet<ColumnType> = new Set(["integer", "number", "money", "quantity"]);

/** True where a value counts as a number; a column's type alone does not say so, for users declare it. */
export function isNumber(text: string, type: ColumnType): boolean {
  return NUMERIC.has(type) && isPrintedNumber(text);
}

/** Prints computed values as gold does. */
export function printValue(value: string | number | null, type: ColumnType): string {
  if (value === null) return "";
  return typeof value === "number" && type === "money" ? value.toFixed(2) : String(value);
}
