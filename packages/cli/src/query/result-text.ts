import { type Cell, csvLine, type QueryRows, type ResultColumn } from "@ingot/engine";

/** Rows are put together to pieces of about this many characters. */
const PIECE = 64 * 1024;

/** The result as CSV: RFC 4180, a header, NULL as an empty value. */
export function csvText({ columns, batches }: QueryRows): AsyncGenerator<string> {
  const lines = async function* (): AsyncGenerator<string> {
    yield csvLine(columns.map(({ name }) => name));
    for await (const batch of batches) for (const row of batch) yield csvLine(row.map((cell) => cell ?? ""));
  };
  return pieces(lines());
}

/** The result as a JSON array of objects, one a line. Numbers keep all their digits. */
export function jsonText({ columns, batches }: QueryRows): AsyncGenerator<string> {
  const names = distinct(columns.map(({ name }) => name)).map((name) => JSON.stringify(name));
  const lines = async function* (): AsyncGenerator<string> {
    let isFirst = true;
    for await (const batch of batches) {
      for (const row of batch) {
        const fields = row.map((cell, at) => `${names[at]}:${jsonOf(cell, columns[at]!)}`);
        yield `${isFirst ? "[" : ",\n"}{${fields.join(",")}}`;
        isFirst = false;
      }
    }
    yield isFirst ? "[]\n" : "]\n";
  };
  return pieces(lines());
}

function jsonOf(cell: Cell, { kind }: ResultColumn): string {
  if (cell === null) return "null";
  if (kind === "json" || kind === "boolean") return cell;
  // JSON knows neither NaN nor Infinity.
  return kind === "number" && /^-?\d/.test(cell) ? cell : JSON.stringify(cell);
}

/** An object has each name once: the second `a` becomes `a_2`. */
function distinct(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; used.has(free); number += 1) free = `${name}_${number}`;
    used.add(free);
    return free;
  });
}

/** Joins short texts to pieces that are worth a write. */
export async function* pieces(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = "";
  for await (const line of lines) {
    piece += line;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}
