import {
  DuckDBArrayValue,
  DuckDBDateValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBValue,
  DuckDBVariantValue,
} from "@duckdb/node-api";
import type { Cell, CellKind } from "./duckdb.ts";

const KINDS: Readonly<Partial<Record<DuckDBTypeId, CellKind>>> = {
  [DuckDBTypeId.BOOLEAN]: "boolean",
  [DuckDBTypeId.TINYINT]: "number",
  [DuckDBTypeId.SMALLINT]: "number",
  [DuckDBTypeId.INTEGER]: "number",
  [DuckDBTypeId.BIGINT]: "number",
  [DuckDBTypeId.HUGEINT]: "number",
  [DuckDBTypeId.UTINYINT]: "number",
  [DuckDBTypeId.USMALLINT]: "number",
  [DuckDBTypeId.UINTEGER]: "number",
  [DuckDBTypeId.UBIGINT]: "number",
  [DuckDBTypeId.UHUGEINT]: "number",
  [DuckDBTypeId.BIGNUM]: "number",
  [DuckDBTypeId.FLOAT]: "number",
  [DuckDBTypeId.DOUBLE]: "number",
  [DuckDBTypeId.DECIMAL]: "number",
  [DuckDBTypeId.LIST]: "json",
  [DuckDBTypeId.ARRAY]: "json",
  [DuckDBTypeId.STRUCT]: "json",
  [DuckDBTypeId.MAP]: "json",
  [DuckDBTypeId.UNION]: "json",
  [DuckDBTypeId.VARIANT]: "json",
};

export function kindOf(type: DuckDBType): CellKind {
  return type.alias === "JSON" ? "json" : (KINDS[type.typeId] ?? "text");
}

/** A function that gives the exact text of a type's values. */
export function cellPrinter(type: DuckDBType): (value: DuckDBValue) => Cell {
  // Text that DuckDB holds as JSON is JSON already.
  if (kindOf(type) === "json" && type.alias !== "JSON") {
    return (value) => (value === null ? null : jsonOf(value));
  }
  if (type.typeId === DuckDBTypeId.FLOAT) {
    return (value) => (typeof value === "number" ? shortestSingle(value) : null);
  }
  return textOf;
}

function textOf(value: DuckDBValue): Cell {
  if (value === null) return null;
  if (typeof value === "string") return value;
  if (value instanceof DuckDBTimestampTZValue) return isoOf(value, value.micros, "Z");
  if (value instanceof DuckDBTimestampValue) return isoOf(value, value.micros);
  if (value instanceof DuckDBTimestampSecondsValue) return isoOf(value, value.seconds * 1_000_000n);
  if (value instanceof DuckDBTimestampMillisecondsValue) return isoOf(value, value.millis * 1000n);
  if (value instanceof DuckDBTimestampNanosecondsValue) return String(value).replace(" ", "T");
  return String(value);
}

/** The years that ISO 8601 writes with four digits, in microseconds since 1970. */
const FIRST_MICROS = BigInt(Date.parse("0001-01-01T00:00:00Z")) * 1000n;
const END_MICROS = BigInt(Date.parse("9999-12-31T23:59:59.999Z")) * 1000n + 1000n;

/** ISO 8601 with as many fraction digits as it needs; instants out of its range as DuckDB writes them. */
function isoOf(value: DuckDBValue, micros: bigint, zone = ""): string {
  if (micros < FIRST_MICROS || micros >= END_MICROS) return String(value);
  const micro = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const whole = new Date(Number((micros - micro) / 1000n)).toISOString().slice(0, 19);
  const fraction = micro === 0n ? "" : `.${String(micro).padStart(6, "0").replace(/0+$/, "")}`;
  return `${whole}${fraction}${zone}`;
}

/** The fewest digits that make the same 32-bit float. */
function shortestSingle(value: number): string {
  for (let digits = 6; digits <= 9; digits += 1) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(value);
}

/** A value inside a list, struct or map, as JSON; numbers keep all their digits. */
function jsonOf(value: DuckDBValue): string {
  if (value === null) return "null";
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") return jsonNumber(String(value));
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    return `[${value.items.map(jsonOf).join(",")}]`;
  }
  if (value instanceof DuckDBStructValue) {
    const fields = Object.entries(value.entries);
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${jsonOf(field)}`).join(",")}}`;
  }
  if (value instanceof DuckDBMapValue) {
    const name = (key: DuckDBValue): string => JSON.stringify(textOf(key) ?? "");
    return `{${value.entries.map(({ key, value: field }) => `${name(key)}:${jsonOf(field)}`).join(",")}}`;
  }
  if (value instanceof DuckDBUnionValue || value instanceof DuckDBVariantValue) return jsonOf(value.value);
  if (value instanceof DuckDBDateValue || typeof value === "string") return JSON.stringify(String(value));
  return "scale" in value ? String(value) : JSON.stringify(textOf(value));
}

/** A number's text as JSON has it; JSON knows no infinity. */
export function jsonNumber(text: string): string {
  return /^-?\d/.test(text) ? text : JSON.stringify(text);
}
