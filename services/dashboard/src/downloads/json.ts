import { isNumber, type Table, type TableColumn } from "./table.ts";

/** An array of objects. Numbers stand there exactly as they are printed, so that amounts keep their two decimals. */
export function jsonOf({ columns, rows }: Table): string {
  if (rows.length === 0) return "[]\n";
  const names = columns.map(({ name }) => JSON.stringify(name));
  const objects = rows.map(
    (row) => `{${row.map((value, at) => `${names[at]}:${jsonValue(value, columns[at]!)}`)}}`,
  );
  return `[\n${objects.join(",\n")}\n]\n`;
}

function jsonValue(value: string, { type }: TableColumn): string {
  if (value === "") return "null";
  return isNumber(value, type) ? value : JSON.stringify(value);
}
