import { isNumber, type Table, type TableColumn } from "./table.ts";
import {
  CONTENT_TYPES,
  escaped,
  FIGURE_HEADER_STYLE,
  HEADER_STYLE,
  PACKAGE_RELATIONS,
  SHEET_TAIL,
  STYLES,
  sheetHead,
  styles,
  WORKBOOK_RELATIONS,
  workbook,
} from "./xlsx-parts.ts";
import { zipOf } from "./zip.ts";

/** A sheet has no more rows, its header left out. */
export const XLSX_ROWS = 1_048_576 - 1;
/** A cell has no more characters. */
const CELL_LENGTH = 32_767;
const SHEET_NAME_LENGTH = 31;

/** Sheets have no earlier days, and take 1900 for a leap year. */
const FIRST_DAY = "1900-03-01";
const DAY = /^\d{4}-\d\d-\d\d$/;
const DAY_MS = 24 * 60 * 60 * 1000;
/** The day 0 of sheets. */
const DAY_ZERO_MS = Date.UTC(1899, 11, 30);

/** Widths are measured on the first rows. */
const MEASURED_ROWS = 200;
const WIDTHS = { least: 10, most: 60 };
/** Others are served after so many rows. */
const ROWS_AT_ONCE = 500;

/**
 * An Excel file of one sheet: numbers as numbers, days as days, texts as texts whatever they begin with; the header is
 * bold and stays in sight. Written here, because libraries
 * take ten times as long, and nothing else is served meanwhile.
 *
 * @param currency ISO 4217, shown with amounts
 */
export async function xlsxOf(table: Table, currency: string): Promise<Buffer> {
  return await zipOf([
    { name: "[Content_Types].xml", content: [CONTENT_TYPES] },
    { name: "_rels/.rels", content: [PACKAGE_RELATIONS] },
    { name: "xl/workbook.xml", content: [workbook(table.name.slice(0, SHEET_NAME_LENGTH))] },
    { name: "xl/_rels/workbook.xml.rels", content: [WORKBOOK_RELATIONS] },
    { name: "xl/styles.xml", content: [styles(currency)] },
    { name: "xl/worksheets/sheet1.xml", content: sheet(table) },
  ]);
}

function* sheet(table: Table): Generator<string> {
  const { columns, rows } = table;
  const letters = columns.map((_, at) => columnLetters(at));
  yield sheetHead(columns.map((column, at) => widthOf(table, column, at)));
  const header = columns.map(({ name, type }, at) => {
    const isFigure = type !== "text" && type !== "date";
    return textCell(`${letters[at]}1`, name, isFigure ? FIGURE_HEADER_STYLE : HEADER_STYLE);
  });
  yield `<row r="1">${header.join("")}</row>`;
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    let piece = "";
    for (let at = start; at < Math.min(start + ROWS_AT_ONCE, rows.length); at++) {
      // The header is row 1.
      const place = at + 2;
      piece += `<row r="${place}">`;
      const row = rows[at]!;
      for (let column = 0; column < columns.length; column++) {
        piece += cell(`${letters[column]}${place}`, row[column]!, columns[column]!);
      }
      piece += "</row>";
    }
    yield piece;
  }
  yield SHEET_TAIL;
}

function cell(place: string, value: string, { type }: TableColumn): string {
  if (value === "") return "";
  const number = isNumber(value, type) ? value : type === "date" ? dayNumber(value) : undefined;
  if (number === undefined) return textCell(place, value, 0);
  const style = STYLES[type];
  return `<c r="${place}"${style === 0 ? "" : ` s="${style}"`}><v>${number}</v></c>`;
}

function textCell(place: string, text: string, style: number): string {
  const look = style === 0 ? "" : ` s="${style}"`;
  const shown = escaped(text.slice(0, CELL_LENGTH));
  return `<c r="${place}"${look} t="inlineStr"><is><t xml:space="preserve">${shown}</t></is></c>`;
}

/** The day as sheets count them; `undefined` for what is no day, or one that they do not have. */
function dayNumber(text: string): number | undefined {
  if (!DAY.test(text) || text < FIRST_DAY) return undefined;
  const date = new Date(text);
  // The 30th of February is read as the 1st of March.
  const isReal = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  return isReal ? (date.getTime() - DAY_ZERO_MS) / DAY_MS : undefined;
}

/** `A`, `B`, … `Z`, `AA`, … */
function columnLetters(at: number): string {
  const last = String.fromCharCode(65 + (at % 26));
  return at < 26 ? last : columnLetters(Math.floor(at / 26) - 1) + last;
}

function widthOf({ rows }: Table, { name, type }: TableColumn, at: number): number {
  const longest = Math.max(name.length, ...rows.slice(0, MEASURED_ROWS).map((row) => row[at]!.length));
  // Amounts are shown with separators and their currency.
  const shown = type === "money" ? longest + 8 : longest + 2;
  return Math.min(WIDTHS.most, Math.max(WIDTHS.least, shown));
}
