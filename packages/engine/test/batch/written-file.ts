import { gzipSync } from "node:zlib";
import fc from "fast-check";

/** The ways in which programs and people write the same table. */
export interface Writing {
  format: "csv" | "json" | "json-lines";
  delimiter: "," | ";" | "\t" | "|";
  lineEnd: "\n" | "\r\n" | "\r";
  encoding: "utf-8" | "utf-8 with mark" | "windows-1252" | "utf-16le" | "utf-16be";
  names: "as they are" | "upper case" | "no accents" | "snake case" | "padded";
  /** What stands before and behind values. */
  padding: "" | " " | "  " | "\u00a0";
  /** Turns the columns so many places, and turns their order round. */
  turn: number;
  isTurnedRound: boolean;
  above: "nothing" | "blank line" | "sep=" | "title";
  hasExtraColumn: boolean;
  hasBlankLines: boolean;
  hasLastLineEnd: boolean;
  quotesAll: boolean;
  isGzip: boolean;
}

export const anyWriting: fc.Arbitrary<Writing> = fc.record({
  format: fc.constantFrom("csv", "csv", "csv", "json", "json-lines"),
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  encoding: fc.constantFrom("utf-8", "utf-8 with mark", "windows-1252", "utf-16le", "utf-16be"),
  names: fc.constantFrom("as they are", "upper case", "no accents", "snake case", "padded"),
  padding: fc.constantFrom("", " ", "  ", "\u00a0"),
  turn: fc.nat(3),
  isTurnedRound: fc.boolean(),
  above: fc.constantFrom("nothing", "blank line", "sep=", "title"),
  hasExtraColumn: fc.boolean(),
  hasBlankLines: fc.boolean(),
  hasLastLineEnd: fc.boolean(),
  quotesAll: fc.boolean(),
  isGzip: fc.boolean(),
});

/** As most exports are. */
export const PLAIN: Writing = {
  format: "csv",
  delimiter: ",",
  lineEnd: "\n",
  encoding: "utf-8",
  names: "as they are",
  padding: "",
  turn: 0,
  isTurnedRound: false,
  above: "nothing",
  hasExtraColumn: false,
  hasBlankLines: false,
  hasLastLineEnd: true,
  quotesAll: false,
  isGzip: false,
};

/** A file with a table. @param rows values in the order of the header */
export function writtenFile(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  writing: Writing,
): Buffer {
  const turned = (values: readonly string[]): string[] => {
    const { turn, isTurnedRound, hasExtraColumn } = writing;
    const all = hasExtraColumn ? [...values, "Remarque é"] : [...values];
    const start = turn % all.length;
    const result = [...all.slice(start), ...all.slice(0, start)];
    return isTurnedRound ? result.reverse() : result;
  };
  const names = turned(header).map((name) => writtenName(name, writing));
  const values = rows.map(turned);
  const text = writing.format === "csv" ? csvText(names, values, writing) : jsonText(names, values, writing);
  const bytes = encoded(text, writing.encoding);
  return writing.isGzip ? gzipSync(bytes) : bytes;
}

function writtenName(name: string, { names }: Writing): string {
  const plain = name.normalize("NFD").replace(/\p{M}/gu, "");
  if (names === "upper case") return name.toUpperCase();
  if (names === "no accents") return plain;
  if (names === "snake case") return plain.toLowerCase().replaceAll(" ", "_");
  return names === "padded" ? ` ${name} \u00a0` : name;
}

function csvText(names: readonly string[], rows: readonly string[][], writing: Writing): string {
  const { delimiter, lineEnd, above, padding, quotesAll, hasBlankLines, hasLastLineEnd } = writing;
  const written = (value: string): string => {
    const needsQuotes = value.includes(delimiter) || /["\r\n]/.test(value);
    if (needsQuotes || quotesAll) return `"${padding}${value.replaceAll('"', '""')}${padding}"`;
    return `${padding}${value}${padding}`;
  };
  const first = {
    nothing: [],
    "blank line": [""],
    "sep=": [`sep=${delimiter}`],
    title: ["Édité le 1er juin", ""],
  }[above];
  const lines = [
    ...first,
    names.join(delimiter),
    ...rows.flatMap((row) => [row.map(written).join(delimiter), ...(hasBlankLines ? ["", "  "] : [])]),
  ];
  return lines.join(lineEnd) + (hasLastLineEnd ? lineEnd : "");
}

function jsonText(
  names: readonly string[],
  rows: readonly string[][],
  { format, lineEnd, padding, hasLastLineEnd }: Writing,
): string {
  const objects = rows.map((row) => {
    const values = row.map((value, at) => [
      names[at]!,
      // As programs do, a number where it is one.
      String(Number(value)) === value ? Number(value) : `${padding}${value}${padding}`,
    ]);
    return JSON.stringify(Object.fromEntries(values));
  });
  const last = hasLastLineEnd ? lineEnd : "";
  if (format === "json-lines") return objects.join(lineEnd) + last;
  return `[${lineEnd}${objects.join(`,${lineEnd}`)}${lineEnd}]${last}`;
}

/** What Windows-1252 has where Latin-1 has control codes; as far as tests need it. */
const BEYOND_LATIN_1: Readonly<Record<string, number>> = { "€": 0x80, "’": 0x92, œ: 0x9c };

function encoded(text: string, encoding: Writing["encoding"]): Buffer {
  if (encoding === "windows-1252") {
    return Buffer.from([...text].map((character) => BEYOND_LATIN_1[character] ?? character.charCodeAt(0)));
  }
  if (encoding === "utf-16le") return Buffer.from(`\ufeff${text}`, "utf16le");
  if (encoding === "utf-16be") return Buffer.from(`\ufeff${text}`, "utf16le").swap16();
  return Buffer.from(encoding === "utf-8" ? text : `\ufeff${text}`);
}
