import type { CellObject } from "write-excel-file/node";
import { cellText } from "./cell-text.ts";
import { type CellLook, columnWidths, headerCells, isFigure, rowCells } from "./sheet-cells.ts";
import type { Sheet, SheetColumn, SheetRow, SheetTable } from "./workbook.ts";

export type SheetRows = (CellObject | null)[][];

/** Where things stand in a sheet; rows and columns count from 1. */
export interface SheetPlaces {
  headerRow: number;
  lastRow: number;
  columns: number;
}

const COLOURS = {
  title: "#1F3A5F",
  header: "#2F5583",
  onHeader: "#FFFFFF",
  note: "#595959",
  totals: "#E3EAF3",
  line: "#2F5583",
};
const TITLE: CellLook = { fontWeight: "bold", fontSize: 18, textColor: COLOURS.title, height: 28 };
const SUBTITLE: CellLook = { fontWeight: "bold", fontSize: 13, textColor: COLOURS.title, height: 20 };
const NOTE: CellLook = { fontStyle: "italic", textColor: COLOURS.note };
const HEADER: CellLook = {
  textColor: COLOURS.onHeader,
  backgroundColor: COLOURS.header,
  height: 20,
  alignVertical: "center",
};
const TOTALS: CellLook = {
  ...{
    fontWeight: "bold",
    backgroundColor: COLOURS.totals,
    topBorderStyle: "thin",
    topBorderColor: COLOURS.line,
  },
};

/** Of the button in a header, in characters. */
const FILTER_WIDTH = 2;

/** Lays out a sheet, row by row as they come. */
export class SheetLayout {
  readonly rows: SheetRows = [];
  readonly #sheet: Omit<Sheet, "rows">;
  readonly #moneyFormat: string;
  readonly #headerRow: number;
  #widths: number[];

  constructor(sheet: Omit<Sheet, "rows">, moneyFormat: string) {
    this.#sheet = sheet;
    this.#moneyFormat = moneyFormat;
    if (sheet.title !== undefined) this.rows.push([textCell(sheet.title, TITLE)]);
    for (const note of sheet.notes ?? []) this.rows.push([textCell(note, NOTE)]);
    if (this.rows.length > 0) this.rows.push([]);
    this.#addHeader(sheet.columns);
    this.#headerRow = this.rows.length;
    this.#widths = columnWidths(sheet.columns, []);
  }

  add(rows: readonly SheetRow[]): void {
    if (this.rows.length === this.#headerRow) this.#widen(this.#sheet, rows);
    for (const row of rows) this.#addRow(row, this.#sheet.columns);
  }

  /** What stands under the rows. */
  end(): SheetPlaces {
    const { columns, below = [], footnotes = [] } = this.#sheet;
    const places = { headerRow: this.#headerRow, lastRow: this.rows.length, columns: columns.length };
    this.#addTotals(this.#sheet);
    for (const table of below) {
      this.rows.push([], [textCell(table.title, SUBTITLE)]);
      this.#addHeader(table.columns);
      for (const row of table.rows) this.#addRow(row, table.columns);
      this.#addTotals(table);
      this.#widen(table, table.rows);
    }
    if (footnotes.length > 0) this.rows.push([]);
    for (const note of footnotes) this.rows.push([textCell(note, NOTE)]);
    return places;
  }

  /** In characters. */
  get widths(): readonly number[] {
    return this.#widths;
  }

  /** Rows that stay in sight. */
  get stickyRows(): number {
    return this.#sheet.below === undefined ? this.#headerRow : 0;
  }

  get #isReport(): boolean {
    return this.#sheet.title !== undefined;
  }

  #addHeader(columns: readonly SheetColumn[]): void {
    this.rows.push(this.#spaced(headerCells(columns, this.#isReport ? HEADER : {}), columns));
  }

  #addRow(row: SheetRow, columns: readonly SheetColumn[]): void {
    this.rows.push(this.#spaced(rowCells(row, columns, this.#moneyFormat), columns));
  }

  #addTotals({ totals, columns }: Omit<SheetTable, "rows">): void {
    if (!totals) return;
    this.#addRow(totals, columns);
    const cells = this.rows.at(-1)!.map((cell) => ({ ...(cell ?? { value: "", type: String }), ...TOTALS }));
    this.rows[this.rows.length - 1] = cells;
  }

  /** In a report texts keep away from the figures on their left, which stand at the end of their cells. */
  #spaced(cells: (CellObject | null)[], columns: readonly SheetColumn[]): (CellObject | null)[] {
    if (!this.#isReport) return cells;
    return cells.map((cell, at) => {
      const isBeside = at > 0 && isFigure(columns[at - 1]!.type) && !isFigure(columns[at]!.type);
      return cell && isBeside ? { ...cell, align: "left", indent: 1 } : cell;
    });
  }

  #widen({ columns, totals }: Omit<SheetTable, "rows">, rows: readonly SheetRow[]): void {
    const room = this.#sheet.hasFilter ? FILTER_WIDTH : 0;
    const widths = columnWidths(columns, totals ? [totals, ...rows] : rows).map((width) => width + room);
    const count = Math.max(widths.length, this.#widths.length);
    this.#widths = Array.from({ length: count }, (_, at) => Math.max(widths[at] ?? 0, this.#widths[at] ?? 0));
  }
}

const textCell = (text: string, look: CellLook): CellObject => ({
  value: cellText(text),
  type: String,
  ...look,
});
