import type { ColumnType } from "../api/contract.ts";

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006";
const SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml";
export const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

export const CONTENT_TYPES = `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${SHEET_TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${SHEET_TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${SHEET_TYPE}.styles+xml"/></Types>`;

export const PACKAGE_RELATIONS = `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${DOCUMENT}/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`;

export const WORKBOOK_RELATIONS = `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${DOCUMENT}/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${DOCUMENT}/relationships/styles" Target="styles.xml"/></Relationships>`;

export function workbook(sheetName: string): string {
  return `${XML}<workbook xmlns="${MAIN}" xmlns:r="${DOCUMENT}/relationships"><sheets><sheet name="${escaped(sheetName)}" sheetId="1" r:id="rId1"/></sheets></workbook>`;
}

/** The places of the cells' styles in `styles`. */
export const HEADER_STYLE = 1;
export const FIGURE_HEADER_STYLE = 2;
export const STYLES: Readonly<Record<ColumnType, number>> = {
  text: 0,
  number: 0,
  quantity: 0,
  integer: 3,
  money: 4,
  date: 5,
};

/** @param currency ISO 4217, shown with amounts */
export function styles(currency: string): string {
  const formats = `<numFmts count="2"><numFmt numFmtId="164" formatCode="${escaped(`#,##0.00\\ [$${currency}]`)}"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>`;
  const fonts = `<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>`;
  const fills = `<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>`;
  const borders = `<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>`;
  const plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"';
  const bold = '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"';
  const formatted = (id: number): string =>
    `<xf numFmtId="${id}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`;
  const cells = [
    `${plain} xfId="0"/>`,
    `${bold}/>`,
    `${bold} applyAlignment="1"><alignment horizontal="right"/></xf>`,
    // 3 is `#,##0` in every spreadsheet program.
    ...[3, 164, 165].map(formatted),
  ];
  return `${XML}<styleSheet xmlns="${MAIN}">${formats}${fonts}${fills}${borders}<cellStyleXfs count="1">${plain}/></cellStyleXfs><cellXfs count="${cells.length}">${cells.join("")}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;
}

/** Where widths are in characters, and the first row stays in sight. */
export function sheetHead(widths: readonly number[]): string {
  const columns = widths.map(
    (width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`,
  );
  return `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${columns.join("")}</cols><sheetData>`;
}

export const SHEET_TAIL = "</sheetData></worksheet>";

const NEEDS_ESCAPE = /[&<>"]/g;
const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** What XML cannot hold or changes, and what spreadsheets would read as the code of a character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CODED = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NEEDS_CARE = /[&<>"_\u0000-\u0008\u000b-\u001f\ud800-\udfff\ufffe\uffff]/;

/** A text as XML has it. */
export function escaped(text: string): string {
  // Few texts need more than a look.
  if (!NEEDS_CARE.test(text)) return text;
  const coded = text
    .toWellFormed()
    .replace(CODED, (one) => `_x${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`);
  return coded.replace(NEEDS_ESCAPE, (one) => ENTITIES[one]!);
}
