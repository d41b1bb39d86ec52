import { inflateRawSync } from "node:zlib";

interface ReadCell {
  value: string | number;
  /** As spreadsheets write formats; absent where there is none. */
  format?: string;
  isBold: boolean;
}

interface ReadSheet {
  name: string;
  /** The header too; a cell that holds nothing is `undefined`. */
  rows: (ReadCell | undefined)[][];
  xml: string;
}

/** An Excel file as spreadsheets read it. */
export function readWorkbook(file: Buffer): ReadSheet[] {
  const files = unzipped(file);
  const texts = all(files["xl/sharedStrings.xml"]!, /<si><t[^>]*>(.*?)<\/t><\/si>/gs).map(([text]) =>
    unescaped(text!),
  );
  const styles = readStyles(files["xl/styles.xml"]!);
  const names = all(files["xl/workbook.xml"]!, /<sheet [^>]*name="([^"]*)"/g);
  return names.map(([name], at) => {
    const xml = files[`xl/worksheets/sheet${at + 1}.xml`]!;
    const rows = all(xml, /<row r="(\d+)"[^>]*?(?:\/>|>(.*?)<\/row>)/gs).map(([, cells = ""]) => {
      const row: (ReadCell | undefined)[] = [];
      for (const [letters, attributes, value] of all(cells, /<c r="([A-Z]+)\d+"([^>]*)><v>(.*?)<\/v>/gs)) {
        const style = styles[Number(/ s="(\d+)"/.exec(attributes!)?.[1] ?? 0)]!;
        const isText = attributes!.includes(' t="s"');
        row[columnOf(letters!)] = { value: isText ? texts[Number(value)]! : Number(value), ...style };
      }
      return row;
    });
    return { name: unescaped(name!), rows, xml };
  });
}

/** A sheet's values alone; `""` where a cell holds nothing. */
export function valuesOf({ rows }: ReadSheet): (string | number)[][] {
  return rows.map((row) => Array.from(row, (cell) => cell?.value ?? ""));
}

function readStyles(xml: string): Omit<ReadCell, "value">[] {
  const formats = new Map(
    all(xml, /numFmtId="(\d+)" formatCode="([^"]*)"/g).map(([id, code]) => [id, unescaped(code!)]),
  );
  const fonts = all(xml, /<font>(.*?)<\/font>/gs).map(([font]) => font!.includes("<b/>"));
  return all(/<cellXfs.*<\/cellXfs>/s.exec(xml)![0], /<xf ([^>]*)>/g).map(([attributes]) => {
    const format = formats.get(/numFmtId="(\d+)"/.exec(attributes!)?.[1]);
    const isBold = fonts[Number(/fontId="(\d+)"/.exec(attributes!)?.[1] ?? 0)]!;
    return { isBold, ...(format === undefined ? {} : { format }) };
  });
}

function all(text: string, pattern: RegExp): (string | undefined)[][] {
  return [...text.matchAll(pattern)].map(([, ...groups]) => groups);
}

const columnOf = (letters: string): number =>
  [...letters].reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0) - 1;

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(xml: string): string {
  return xml
    .replace(/&(\w+);/g, (_, name: string) => ENTITIES[name]!)
    .replace(/_x([0-9A-F]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** The files of a ZIP, by name. */
export function unzipped(zip: Buffer): Record<string, string> {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  let at = zip.readUInt32LE(end + 16);
  const files: Record<string, string> = {};
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [packed, nameLength] = [zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28)];
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + nameLength;
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength);
    files[name] = inflateRawSync(zip.subarray(start, start + packed)).toString("utf8");
    at += 46 + nameLength;
  }
  return files;
}
