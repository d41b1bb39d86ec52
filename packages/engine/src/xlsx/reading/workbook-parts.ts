import { isDateFormat, type NumberStyles, textOf } from "./cell-values.ts";
import { WorkbookError } from "./workbook-error.ts";
import { type XmlListener, XmlReader } from "./xml-reader.ts";
import type { ZipParts } from "./zip-parts.ts";

export interface SheetPart {
  name: string;
  isHidden: boolean;
  /** The part with its rows. */
  part: string;
}

/** What the sheets of a workbook share. */
export interface WorkbookParts {
  sheets: readonly SheetPart[];
  texts: readonly string[];
  numbers: NumberStyles;
}

const USUAL_WORKBOOK = "xl/workbook.xml";

/** @throws WorkbookError for what is no workbook */
export async function readWorkbookParts(zip: ZipParts): Promise<WorkbookParts> {
  const links = await readLinks(zip, "");
  const workbook = links.find(({ type }) => type === "officeDocument")?.target ?? USUAL_WORKBOOK;
  if (!zip.has(workbook) || !/\.xml$/i.test(workbook)) {
    throw new WorkbookError("is no Excel workbook (.xlsx)");
  }
  const parts = await readLinks(zip, workbook);
  const partOf = (type: string): string | undefined => parts.find((link) => link.type === type)?.target;
  const { sheets, is1904 } = await readSheetList(zip, workbook);
  const texts = partOf("sharedStrings");
  const styles = partOf("styles");
  return {
    // Sheets of charts have no rows.
    sheets: sheets.flatMap(({ id, ...sheet }) => {
      const link = parts.find((part) => part.id === id && part.type === "worksheet");
      return link ? [{ ...sheet, part: link.target }] : [];
    }),
    // Some programs name a part for texts where there are none; a cell that needs one says so.
    texts: texts !== undefined && zip.has(texts) ? await readTexts(zip, texts) : [],
    numbers: { isDate: styles === undefined ? [] : await readStyles(zip, styles), is1904 },
  };
}

/** Reads a part to its end. */
async function scan(zip: ZipParts, part: string, listener: XmlListener): Promise<void> {
  const reader = new XmlReader(listener);
  for await (const piece of zip.text(part)) reader.write(piece);
  reader.end();
}

interface Link {
  id: string | undefined;
  /** The last word of its type, which is the same in all versions of the format. */
  type: string | undefined;
  target: string;
}

/** What a part refers to. @param part `""` for the file as a whole */
async function readLinks(zip: ZipParts, part: string): Promise<Link[]> {
  const [, folder = "", base = ""] = /^(.*\/)?([^/]*)$/.exec(part) ?? [];
  const file = `${folder}_rels/${base}.rels`;
  const links: Link[] = [];
  if (!zip.has(file)) return links;
  await scan(zip, file, {
    open(name, { Id: id, Type: type, Target: target }) {
      if (name !== "Relationship" || target === undefined) return;
      links.push({ id, type: type?.split("/").at(-1), target: resolved(target, part) });
    },
    close() {},
  });
  return links;
}

/** A part's name as seen from another. */
function resolved(target: string, part: string): string {
  const url = URL.parse(target.replaceAll("\\", "/"), `part:///${part}`);
  if (url?.protocol !== "part:") return target;
  try {
    return decodeURIComponent(url.pathname).slice(1);
  } catch {
    return url.pathname.slice(1);
  }
}

async function readSheetList(zip: ZipParts, part: string) {
  const sheets: { name: string; isHidden: boolean; id: string | undefined }[] = [];
  let is1904 = false;
  await scan(zip, part, {
    open(name, attributes) {
      if (name === "workbookPr") is1904 = isTrue(attributes.date1904);
      if (name !== "sheet") return;
      sheets.push({
        name: attributes.name ?? "",
        isHidden: /hidden/i.test(attributes.state ?? ""),
        // Of another namespace, whose prefix each program chooses.
        id: Object.entries(attributes).find(([attribute]) => /^(?:.*:)?id$/.test(attribute))?.[1],
      });
    },
    close() {},
  });
  return { sheets, is1904 };
}

const isTrue = (text: string | undefined): boolean => text === "1" || text === "true" || text === "on";

/** The texts that cells refer to by number: of several runs of one all of them, without how they are pronounced. */
async function readTexts(zip: ZipParts, part: string): Promise<string[]> {
  const texts: string[] = [];
  let text = "";
  let isText = false;
  let spoken = 0;
  await scan(zip, part, {
    open(name) {
      if (name === "si") text = "";
      if (name === "t") isText = true;
      if (name === "rPh") spoken += 1;
    },
    close(name) {
      if (name === "si") texts.push(textOf(text));
      if (name === "t") isText = false;
      if (name === "rPh") spoken -= 1;
    },
    text(piece) {
      if (isText && spoken === 0) text += piece;
    },
  });
  return texts;
}

/** For each style of cells whether numbers of it are dates. */
async function readStyles(zip: ZipParts, part: string): Promise<boolean[]> {
  const codes = new Map<number, string>();
  const formats: number[] = [];
  let isCells = false;
  await scan(zip, part, {
    open(name, { numFmtId = 0, formatCode = "" }) {
      const format = Number(numFmtId);
      if (name === "numFmt") codes.set(format, formatCode);
      if (name === "cellXfs") isCells = true;
      if (name === "xf" && isCells) formats.push(format);
    },
    close(name) {
      if (name === "cellXfs") isCells = false;
    },
  });
  return formats.map((format) => isDateFormat(format, codes.get(format)));
}
