import type { Feature, Image } from "write-excel-file/node";
import { getCellAddress, sanitizeTextContent } from "write-excel-file/utility";
import type { SheetPlaces } from "./sheet-layout.ts";

/** A sheet as it was laid out. */
export interface LaidOutSheet extends SheetPlaces {
  /** As the workbook names it. */
  name: string;
  hasFilter: boolean;
  /** Prints on the width of a page, its header on each. */
  isReport: boolean;
  hasStickyHeader: boolean;
}

/** What the writer of workbooks has no options for: buttons that filter, and how sheets are printed. */
export function sheetFeatures(sheets: readonly LaidOutSheet[]): Feature<Image["content"]> {
  return {
    files: {
      transform: {
        "xl/worksheets/sheet{id}.xml": {
          transform: (xml, _, { sheetIndex }) =>
            asReport(withFilter(xml, sheets[sheetIndex]!), sheets[sheetIndex]!),
        },
        "xl/workbook.xml": { transform: (xml) => withNames(xml, sheets) },
      },
    },
  };
}

function withFilter(xml: string, sheet: LaidOutSheet): string {
  if (!sheet.hasFilter) return xml;
  return xml.replace("</sheetData>", `</sheetData><autoFilter ref="${filteredRange(sheet)}"/>`);
}

/** A4. */
const PAGE =
  '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>' +
  '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>';
/** Spreadsheets would mark each text that looks like a number, such as a product's key. */
const TEXT_IS_MEANT =
  '<ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/></ignoredErrors>';

function asReport(xml: string, { isReport }: LaidOutSheet): string {
  if (!isReport) return xml;
  return xml
    .replace(/<worksheet[^>]*>/, (tag) => `${tag}<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>`)
    .replace(/<pageSetup\b[^>]*\/>/, "")
    .replace(/<pageMargins\b[^>]*\/>/, "")
    .replace(/(?=<drawing|<\/worksheet>)/, `${PAGE}${TEXT_IS_MEANT}`);
}

/** Spreadsheets want to find by name what is filtered, and what is printed on every page. */
function withNames(xml: string, sheets: readonly LaidOutSheet[]): string {
  const names = sheets.flatMap((sheet, at) => {
    const name = (kind: string, hidden: string, range: string): string => {
      const reference = sanitizeTextContent(`'${sheet.name.replaceAll("'", "''")}'!${range}`);
      return `<definedName name="_xlnm.${kind}" localSheetId="${at}"${hidden}>${reference}</definedName>`;
    };
    const { headerRow } = sheet;
    const range = filteredRange(sheet).replace(/([A-Z]+)(\d+)/g, "$$$1$$$2");
    return [
      ...(sheet.hasFilter ? [name("_FilterDatabase", ' hidden="1"', range)] : []),
      ...(sheet.isReport && sheet.hasStickyHeader
        ? [name("Print_Titles", "", `$${headerRow}:$${headerRow}`)]
        : []),
    ];
  });
  if (names.length === 0) return xml;
  return xml
    .replace("<definedNames/>", "")
    .replace("</sheets>", () => `</sheets><definedNames>${names.join("")}</definedNames>`);
}

function filteredRange({ headerRow, lastRow, columns }: LaidOutSheet): string {
  return `${getCellAddress(headerRow - 1, 0)}:${getCellAddress(lastRow - 1, columns - 1)}`;
}
