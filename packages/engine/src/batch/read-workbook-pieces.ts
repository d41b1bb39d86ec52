import { IngotError } from "@ingot/common";
import { columnLetters, type SheetRow, sheetRows } from "../xlsx/reading/sheet-rows.ts";
import { WorkbookError } from "../xlsx/reading/workbook-error.ts";
import { readWorkbookParts, type SheetPart, type WorkbookParts } from "../xlsx/reading/workbook-parts.ts";
import { ZipParts } from "../xlsx/reading/zip-parts.ts";
import { FieldNames, foldName } from "./field-names.ts";
import type { SourceField, SourcePiece } from "./source-record.ts";

/** Of XML: more than a million rows of a few columns, and what a harmful file cannot go beyond. */
const MOST_XML_BYTES = 512 * 1024 * 1024;
/** The header is looked for in so many rows; titles and notes may stand above it. */
const HEADER_ROWS = 20;
const MOST_NAMES = 20;

export interface WorkbookOptions {
  /** The file's name, for messages. */
  name: string;
  fields: readonly SourceField[];
}

interface Header {
  line: number;
  /** By field. */
  columns: readonly (number | undefined)[];
  cells: readonly (string | undefined)[];
}

interface FoundSheet extends SheetPart {
  header: Header;
  hasRows: boolean;
}

/**
 * The records of a workbook (.xlsx): the rows below the header of the sheet that has the source's required fields, whatever
 * that sheet is called and wherever its columns stand. Hidden sheets count where no visible one has them. A record's
 * place is its row in the sheet; its raw text is JSON of all that the row has, by header.
 *
 * @throws IngotError `source_invalid` for a file that is no workbook, that is damaged, or of another source; for one that has
 * several such sheets, since only its author knows which one is meant
 */
export async function readWorkbookPieces(
  bytes: Buffer,
  { name, fields }: WorkbookOptions,
): Promise<SourcePiece[]> {
  try {
    const zip = await ZipParts.open(bytes, MOST_XML_BYTES);
    const workbook = await readWorkbookParts(zip);
    const sheet = await findSheet(zip, workbook, fields);
    const pieces: SourcePiece[] = [];
    const repeated = repeatedColumns(sheet.header, fields);
    for await (const row of sheetRows(zip, sheet.part, workbook)) {
      if (row.line <= sheet.header.line) continue;
      checkRepeated(row, repeated, sheet);
      pieces.push(new WorkbookPiece(row, sheet.header));
    }
    return pieces;
  } catch (cause) {
    if (!(cause instanceof WorkbookError)) throw cause;
    throw new IngotError("source_invalid", `${name} ${cause.message}.`, { cause });
  }
}

/** A row as a record; its raw text is made for those that are rejected only. */
class WorkbookPiece {
  readonly place: { line: number };
  readonly record: { values: readonly (string | undefined)[] };
  readonly #cells: SheetRow["cells"];
  readonly #header: Header;

  constructor({ line, cells }: SheetRow, header: Header) {
    this.place = { line };
    this.record = {
      values: header.columns.map((column) => (column === undefined ? undefined : cells[column])),
    };
    this.#cells = cells;
    this.#header = header;
  }

  get raw(): string {
    const values: Record<string, string> = {};
    for (const [column, value] of this.#cells.entries()) {
      if (value === undefined) continue;
      const title = this.#header.cells[column]?.trim() || columnLetters(column);
      values[title in values ? columnLetters(column) : title] = value;
    }
    return JSON.stringify(values);
  }
}

async function findSheet(
  zip: ZipParts,
  workbook: WorkbookParts,
  fields: readonly SourceField[],
): Promise<FoundSheet> {
  const names = new FieldNames(fields);
  const found: FoundSheet[] = [];
  const others: string[] = [];
  for (const sheet of workbook.sheets) {
    const rows = await headOf(zip, sheet, workbook);
    const header = rows
      .slice(0, HEADER_ROWS)
      .map((row) => headerIn(row, names))
      .find((row) => row !== undefined);
    if (header) found.push({ ...sheet, header, hasRows: rows.at(-1)!.line > header.line });
    else others.push(describe(sheet, rows, names));
  }
  if (found.length === 0) {
    const required = fields.filter(({ isRequired }) => isRequired).map((field) => field.name);
    const text = `is no file of this source: it needs the columns ${required.join(", ")} in one of the first ${HEADER_ROWS} rows of a sheet`;
    throw new WorkbookError(`${text}. ${others.join("; ") || "It has no sheets"}`);
  }
  const visible = found.filter(({ isHidden }) => !isHidden);
  const likely = visible.length > 0 ? visible : found;
  const filled = likely.filter(({ hasRows }) => hasRows);
  if (filled.length > 1) {
    const sheets = filled.map((sheet) => `"${sheet.name}"`).join(" and ");
    throw new WorkbookError(
      `has the source's columns in several sheets: ${sheets}. Keep one, or hide the others`,
    );
  }
  return filled[0] ?? likely[0]!;
}

/** The rows among which the header must be, and one more. */
async function headOf(zip: ZipParts, { part }: SheetPart, workbook: WorkbookParts): Promise<SheetRow[]> {
  const rows: SheetRow[] = [];
  for await (const row of sheetRows(zip, part, workbook)) {
    rows.push(row);
    if (rows.length > HEADER_ROWS) break;
  }
  return rows;
}

function headerIn({ line, cells }: SheetRow, names: FieldNames): Header | undefined {
  const titles = Array.from(cells, (cell) => cell ?? "");
  const columns = names.positionsIn(titles);
  const hasAny = columns.some((column) => column !== undefined);
  return hasAny && names.missingIn(titles).length === 0 ? { line, columns, cells } : undefined;
}

/** What a sheet has, for those who look for a column in it. */
function describe({ name, isHidden }: SheetPart, rows: readonly SheetRow[], names: FieldNames): string {
  const sheet = `${isHidden ? "The hidden sheet" : "Sheet"} "${name}"`;
  const missing = (row: SheetRow) => names.missingIn(Array.from(row.cells, (cell) => cell ?? ""));
  const nearest = rows
    .slice(0, HEADER_ROWS)
    .toSorted((a, b) => missing(a).length - missing(b).length)
    .at(0);
  if (!nearest) return `${sheet} is empty`;
  const lacks = missing(nearest).map((field) => field.name);
  const has = nearest.cells.flatMap((cell) => cell?.trim().slice(0, 60) || []);
  const more = has.length > MOST_NAMES ? `, and ${has.length - MOST_NAMES} more` : "";
  return `${sheet} has no ${lacks.join(", ")}; row ${nearest.line} has ${has.slice(0, MOST_NAMES).join(", ")}${more}`;
}

/** Fields whose name several columns have: which of them? */
function repeatedColumns({ columns, cells }: Header, fields: readonly SourceField[]) {
  const names = Array.from(cells, (cell) => foldName(cell ?? ""));
  return fields.flatMap((field, at) => {
    const column = columns[at];
    const same = names.flatMap((name, other) =>
      column !== undefined && name === names[column] ? [other] : [],
    );
    return same.length > 1 ? [{ field: field.name, columns: same }] : [];
  });
}

/** Columns of one name are one column as long as they say the same. */
function checkRepeated(
  { line, cells }: SheetRow,
  repeated: readonly { field: string; columns: readonly number[] }[],
  sheet: SheetPart,
): void {
  for (const { field, columns } of repeated) {
    if (new Set(columns.map((column) => cells[column])).size <= 1) continue;
    const letters = columns.map(columnLetters).join(" and ");
    throw new WorkbookError(
      `has two columns for ${field} in sheet "${sheet.name}", ${letters}, that differ in row ${line}. Rename one of them`,
    );
  }
}
