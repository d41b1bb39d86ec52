import { dateText, numberText, textOf, withoutMidnight } from "./cell-values.ts";
import { WorkbookError } from "./workbook-error.ts";
import type { WorkbookParts } from "./workbook-parts.ts";
import { type XmlAttributes, type XmlListener, XmlReader } from "./xml-reader.ts";
import type { ZipParts } from "./zip-parts.ts";

/** A row of a sheet with at least one value that is more than blanks. */
export interface SheetRow {
  /** Its number in the sheet, from 1. */
  line: number;
  /** By column; nothing where a cell is empty or has an error for a value. */
  cells: readonly (string | undefined)[];
}

const MOST_COLUMNS = 16_384;

/** The rows of a sheet. @throws WorkbookError for one that is damaged */
export async function* sheetRows(
  zip: ZipParts,
  part: string,
  workbook: WorkbookParts,
): AsyncGenerator<SheetRow> {
  const rows = new RowListener(workbook);
  const reader = new XmlReader(rows);
  for await (const piece of zip.text(part)) {
    reader.write(piece);
    yield* rows.taken();
  }
  reader.end();
}

class RowListener implements XmlListener {
  readonly #workbook: WorkbookParts;
  #rows: SheetRow[] = [];
  #line = 0;
  #cells: (string | undefined)[] = [];
  #column = -1;
  #type = "n";
  #style = 0;
  /** The cell's value, a piece of which is being read; `undefined` outside of it. */
  #value: string | undefined;
  #isValue = false;
  #spoken = 0;

  constructor(workbook: WorkbookParts) {
    this.#workbook = workbook;
  }

  taken(): SheetRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  open(name: string, attributes: XmlAttributes): void {
    switch (name) {
      case "row":
        this.#line = Number(attributes.r ?? this.#line + 1);
        this.#cells = [];
        this.#column = -1;
        break;
      case "c":
        // Programs may leave out where a cell stands: then it stands beside the one before.
        this.#column = columnOf(attributes.r) ?? this.#column + 1;
        if (this.#column >= MOST_COLUMNS) throw new WorkbookError("has more columns than a sheet can have");
        this.#type = attributes.t ?? "n";
        this.#style = Number(attributes.s ?? 0);
        this.#value = undefined;
        break;
      case "v":
      case "t":
        this.#isValue = true;
        break;
      case "rPh":
        this.#spoken += 1;
        break;
    }
  }

  close(name: string): void {
    switch (name) {
      case "row":
        if (this.#cells.some((cell) => cell !== undefined && /\S/.test(cell))) {
          this.#rows.push({ line: this.#line, cells: this.#cells });
        }
        break;
      case "c": {
        const value = this.#value === undefined ? undefined : this.#read(this.#value);
        if (value !== undefined && value !== "") this.#cells[this.#column] = value;
        break;
      }
      case "v":
      case "t":
        this.#isValue = false;
        break;
      case "rPh":
        this.#spoken -= 1;
        break;
    }
  }

  text(text: string): void {
    if (this.#isValue && this.#spoken === 0) this.#value = (this.#value ?? "") + text;
  }

  #read(value: string): string | undefined {
    const { texts, numbers } = this.#workbook;
    switch (this.#type) {
      case "s": {
        const text = texts[Number(value)];
        if (text === undefined) throw new WorkbookError("refers to a text that it does not have");
        return text;
      }
      case "str":
      case "inlineStr":
        return textOf(value);
      case "b":
        return value.trim() === "1" || value.trim() === "true" ? "true" : "false";
      case "e":
        return undefined;
      case "d":
        return withoutMidnight(value.trim());
      default:
        return numbers.isDate[this.#style] ? dateText(value, numbers.is1904) : numberText(value);
    }
  }
}

/** From 0: the column of `AB12`. */
function columnOf(reference: string | undefined): number | undefined {
  if (reference === undefined) return undefined;
  let column = 0;
  for (const character of reference) {
    const letter = character.toUpperCase().charCodeAt(0) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return column === 0 ? undefined : column - 1;
}

/** `AB` for 27. */
export function columnLetters(column: number): string {
  const rest = Math.floor(column / 26) - 1;
  return (rest < 0 ? "" : columnLetters(rest)) + String.fromCharCode(65 + (column % 26));
}
