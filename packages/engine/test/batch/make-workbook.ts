import { crc32, deflateRawSync } from "node:zlib";

/** A cell as spreadsheets write it; nothing for one that is absent. */
export type MadeCell =
  | undefined
  | string
  | number
  | boolean
  /** The digits in the file. */
  | { number: string }
  /** A day's number, shown by a format. */
  | { serial: string; format?: string }
  | { error: string }
  | { runs: string[] }
  /** The value that was found when the file was saved. */
  | { formula: string; found: string | number }
  | { iso: string };

export interface MadeSheet {
  name: string;
  isHidden?: boolean;
  /** From row 1 on; nothing for a row that is absent. */
  rows: (MadeCell[] | undefined)[];
}

export interface MakeOptions {
  texts?: "shared" | "inline";
  is1904?: boolean;
  /** Of the namespace: `x:` as some libraries write it. */
  prefix?: string;
  /** Cells and rows without where they stand; none may be absent then. */
  isBare?: boolean;
  isStored?: boolean;
  workbookPart?: string;
}

const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships";
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** An Excel file of these sheets, made without any library that reads or writes them. */
export function makeWorkbook(sheets: readonly MadeSheet[], options: MakeOptions = {}): Buffer {
  return zip(workbookFiles(sheets, options), options.isStored);
}

export function workbookFiles(
  sheets: readonly MadeSheet[],
  {
    texts = "shared",
    is1904 = false,
    prefix = "",
    isBare = false,
    workbookPart = "xl/workbook.xml",
  }: MakeOptions = {},
): Record<string, string> {
  const shared: string[] = [];
  const formats: string[] = ["yyyy\\-mm\\-dd"];
  const tag = (name: string, attributes: string, content: string) =>
    `<${prefix}${name}${attributes}>${content}</${prefix}${name}>`;
  const text = (value: string) => tag("t", ' xml:space="preserve"', escaped(value));
  const cell = (value: MadeCell, at: string): string => {
    const place = isBare ? "" : ` r="${at}"`;
    const c = (attributes: string, content: string) => tag("c", place + attributes, content);
    const v = (content: string) => tag("v", "", content);
    if (value === undefined) return "";
    if (typeof value === "number") return c("", v(String(value)));
    if (typeof value === "boolean") return c(' t="b"', v(value ? "1" : "0"));
    if (typeof value === "string") {
      if (texts === "inline") return c(' t="inlineStr"', tag("is", "", text(value)));
      const known = shared.indexOf(text(value));
      const index = known < 0 ? shared.push(text(value)) - 1 : known;
      return c(' t="s"', v(String(index)));
    }
    if ("number" in value) return c("", v(value.number));
    if ("iso" in value) return c(' t="d"', v(value.iso));
    if ("error" in value) return c(' t="e"', v(value.error));
    if ("serial" in value) {
      const { format = formats[0]! } = value;
      const index = formats.includes(format) ? formats.indexOf(format) : formats.push(format) - 1;
      return c(` s="${index + 1}"`, v(value.serial));
    }
    if ("formula" in value) {
      const kind = typeof value.found === "string" ? ' t="str"' : "";
      return c(kind, tag("f", "", escaped(value.formula)) + v(escaped(String(value.found))));
    }
    const spoken = tag("rPh", ' sb="0" eb="1"', text("spoken"));
    const runs = value.runs.map((run) => tag("r", "", tag("rPr", "", `<${prefix}b/>`) + text(run))).join("");
    if (texts === "inline") return c(' t="inlineStr"', tag("is", "", runs));
    return c(' t="s"', v(String(shared.push(runs + spoken) - 1)));
  };
  const namespaces = ` xmlns${prefix === "" ? "" : `:${prefix.slice(0, -1)}`}="${MAIN}" xmlns:r="${LINKS}"`;
  const parts = sheets.map(({ rows }) => {
    const lines = rows.map((row, at) => {
      if (!row) return "";
      const cells = row.map((value, column) => cell(value, letters(column) + (at + 1))).join("");
      return tag("row", isBare ? "" : ` r="${at + 1}" spans="1:9"`, cells);
    });
    return (
      HEAD +
      tag(
        "worksheet",
        namespaces,
        `<!-- a > b --><${prefix}dimension ref="A1"/>${tag("sheetData", "", lines.join(""))}`,
      )
    );
  });
  const list = sheets.map(
    ({ name, isHidden }, at) =>
      `<${prefix}sheet name="${escaped(name)}" sheetId="${at + 7}"${isHidden ? ' state="hidden"' : ""} r:id="rId${at + 1}"/>`,
  );
  const custom = formats.map(
    (code, at) => `<${prefix}numFmt numFmtId="${at + 164}" formatCode="${escaped(code)}"/>`,
  );
  const styles = formats.map((_, at) => `<${prefix}xf numFmtId="${at + 164}"/>`);
  const link = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${LINKS}/${type}" Target="${target}"/>`;
  const [, folder = "", base = ""] = /^(.*\/)?([^/]*)$/.exec(workbookPart)!;
  return {
    "[Content_Types].xml": `${HEAD}<Types/>`,
    "_rels/.rels": `${HEAD}<Relationships xmlns="${PACKAGE}">${link("rId1", "officeDocument", workbookPart)}</Relationships>`,
    [workbookPart]:
      HEAD +
      tag(
        "workbook",
        namespaces,
        `<${prefix}workbookPr${is1904 ? ' date1904="1"' : ""}/>${tag("sheets", "", list.join(""))}`,
      ),
    [`${folder}_rels/${base}.rels`]: `${HEAD}<Relationships xmlns="${PACKAGE}">${[
      ...sheets.map((_, at) =>
        link(
          `rId${at + 1}`,
          "worksheet",
          at % 2 === 0 ? `worksheets/sheet${at + 1}.xml` : `/xl/worksheets/sheet${at + 1}.xml`,
        ),
      ),
      link("rId90", "styles", "styles.xml"),
      ...(shared.length > 0 ? [link("rId91", "sharedStrings", "sharedStrings.xml")] : []),
    ].join("")}</Relationships>`,
    [`${folder}styles.xml`]:
      HEAD +
      tag(
        "styleSheet",
        namespaces,
        tag("numFmts", "", custom.join("")) +
          tag("cellStyleXfs", "", `<${prefix}xf numFmtId="14"/>`) +
          tag("cellXfs", "", `<${prefix}xf numFmtId="0"/>${styles.join("")}`),
      ),
    ...(shared.length > 0
      ? {
          [`${folder}sharedStrings.xml`]:
            HEAD + tag("sst", namespaces, shared.map((si) => tag("si", "", si)).join("")),
        }
      : {}),
    ...Object.fromEntries(parts.map((xml, at) => [`xl/worksheets/sheet${at + 1}.xml`, xml])),
  };
}

/** A ZIP of these files. */
export function zip(files: Readonly<Record<string, string | Buffer>>, isStored = false): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    const packed = isStored ? bytes : deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(isStored ? 0 : 8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, Buffer.from(name), packed]);
    const entryEnd = Buffer.alloc(14);
    entryEnd.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, entryEnd, Buffer.from(name));
    bodies.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, entries, end]);
}

const letters = (column: number): string =>
  (column < 26 ? "" : letters(Math.floor(column / 26) - 1)) + String.fromCharCode(65 + (column % 26));

/** Characters that XML cannot carry as spreadsheets code them. */
const escaped = (text: string): string =>
  text
    .replace(/_(?=x[0-9a-f]{4}_)/gi, "_x005F_")
    .replace(
      /[\p{Cc}--[\t\n]]/gv,
      (character) => `_x${character.charCodeAt(0).toString(16).padStart(4, "0")}_`,
    )
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
