import { styleText } from "node:util";
import type { Cell, ResultColumn } from "@ingot/engine";

export interface TableOptions {
  columns: readonly Pick<ResultColumn, "name" | "kind">[];
  /** The first rows of the result. */
  rows: readonly (readonly Cell[])[];
  /** Rows of the whole result. */
  total: number;
  /** Characters in a line; `undefined` where lines may be of any length. */
  width: number | undefined;
}

const GAP = 2;
/** No column becomes narrower for the sake of others. */
const NARROWEST = 8;

/**
 * Rows as a table for people: numbers to the right, NULL as such, one line a row, no wider than the terminal. What does
 * not fit is cut off at an ellipsis; columns that do not fit at all are named below.
 */
export function textTable({ total, ...table }: TableOptions): string {
  const { lines, hidden } = tableLines(table);
  const note = hidden.length === 0 ? [] : [`(the terminal is too narrow for ${hidden.join(", ")})`];
  return [...lines, countLine(table.rows.length, total), ...note].join("\n");
}

/** The lines of a table without what is said below it, and the names of columns that did not fit. */
export function tableLines({ columns, rows, width }: Omit<TableOptions, "total">): {
  lines: string[];
  hidden: string[];
} {
  const texts = rows.map((row) => row.map((cell) => (cell === null ? "NULL" : printable(cell))));
  const names = columns.map(({ name }) => printable(name));
  const natural = names.map((name, at) =>
    texts.reduce((most, row) => Math.max(most, widthOf(row[at]!)), widthOf(name)),
  );
  const widths = fitted(natural, width);
  const line = (cells: readonly string[], isNull: (at: number) => boolean = () => false): string =>
    widths
      .map((space, at) => {
        const cell = aligned(cells[at]!, space, columns[at]!.kind === "number");
        return isNull(at) ? styleText("dim", cell, { stream: process.stdout }) : cell;
      })
      .join(" ".repeat(GAP))
      .trimEnd();
  const lines = [
    line(names),
    line(widths.map((space) => "─".repeat(space))),
    ...texts.map((row, at) => line(row, (column) => rows[at]![column] === null)),
  ];
  return { lines, hidden: names.slice(widths.length) };
}

function countLine(shown: number, total: number): string {
  const count = (rows: number): string => `${rows.toLocaleString("en-US")} ${rows === 1 ? "row" : "rows"}`;
  if (shown === total) return `(${count(total)})`;
  return `(${count(total)}, the first ${shown.toLocaleString("en-US")} shown; --limit shows more, --format csv all)`;
}

/** The columns' widths: the widest give way first, then the last ones are left out. */
function fitted(natural: readonly number[], width: number | undefined): number[] {
  const widths = [...natural];
  if (width === undefined) return widths;
  const sum = (): number => widths.reduce((total, space) => total + space, GAP * (widths.length - 1));
  for (let excess = sum() - width; excess > 0; excess = sum() - width) {
    const widest = Math.max(...widths);
    const second = Math.max(NARROWEST, ...widths.filter((space) => space < widest));
    if (widest > NARROWEST) {
      const many = widths.filter((space) => space === widest).length;
      const less = Math.max(second, widest - Math.ceil(excess / many));
      for (const [at, space] of widths.entries()) if (space === widest) widths[at] = less;
    } else if (widths.length > 1) widths.pop();
    else break;
  }
  return widths;
}

function aligned(text: string, space: number, toTheRight: boolean): string {
  const fitting = cut(text, space);
  const blanks = " ".repeat(space - widthOf(fitting));
  return toTheRight ? blanks + fitting : fitting + blanks;
}

/** A text in so many cells of a terminal, what does not fit cut off at an ellipsis. */
export function cut(text: string, space: number): string {
  if (widthOf(text) <= space) return text;
  let kept = "";
  let used = 1;
  for (const character of text) {
    used += widthOf(character);
    if (used > space) break;
    kept += character;
  }
  return `${kept}…`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** On one line, and without characters that steer a terminal. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => ESCAPES[character] ?? `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/** The same JSON, with all that steers a terminal escaped: JSON itself allows some of it in texts. */
export function printableJson(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

const PLAIN = /^[\x20-\x7e]*$/;
const ZERO_WIDTH = /^\p{M}$/u;
const DOUBLE_WIDTH =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}])$/u;

/** Cells of a terminal that a text takes. */
function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    width += ZERO_WIDTH.test(character) ? 0 : DOUBLE_WIDTH.test(character) ? 2 : 1;
  }
  return width;
}
