/*
 * Regular expressions that find a text in bytes of unknown encoding. Bytes are looked at as Latin-1, so that a position
 * in the text is one in the bytes.
 */

export interface TextForms {
  /** Upper and lower case mean the same. */
  anyCase: boolean;
  /** Only where it is no part of a longer word. */
  isWord: boolean;
}

/** Longest form of one UTF-16 unit: `%XX` for each of three bytes of UTF-8. */
export const BYTES_PER_UNIT = 9;
/** How far around a text its neighbours are looked at. */
export const NEIGHBOURS = 8;

/** An escape may stand right before a word: `\n`, `\u003c`, `%22`. */
const AFTER_ESCAPE = "(?<=\\\\[bfnrt]|\\\\u00[0-7][0-9a-fA-F]|%[0-7][0-9a-fA-F])";
const WORD = "[\\w\\x80-\\xff-]";

/** A pattern of a text in UTF-8, in Latin-1, escaped as JSON, CSV and URLs escape it. */
export function byteForms(text: string, { anyCase, isWord }: TextForms): string {
  const body = [...text].map((character) => either(casesOf(character, anyCase).flatMap(formsOf))).join("");
  if (!isWord) return body;
  return `(?:(?<!${WORD})(?<!\\d\\.)(?<!\\w[.+%])|${AFTER_ESCAPE})${body}(?!${WORD})(?!\\.[A-Za-z0-9\\x80-\\xff])`;
}

/** A pattern of a text in UTF-16, in either byte order. */
export function wideForms(text: string, { anyCase, isWord }: TextForms): string {
  return either(
    [false, true].map((isBigEndian) => {
      const body = [...text].map((character) =>
        either(casesOf(character, anyCase).map((form) => escaped(wide(form, isBigEndian)))),
      );
      const unit = isBigEndian ? "\\0[\\w-]" : "[\\w-]\\0";
      return isWord ? `(?<!${unit})${body.join("")}(?!${unit})` : body.join("");
    }),
  );
}

function casesOf(character: string, anyCase: boolean): string[] {
  if (!anyCase) return [character];
  return [...new Set([character.toLowerCase(), character.toUpperCase(), character])];
}

function formsOf(character: string): string[] {
  const utf8 = Buffer.from(character);
  const plain = utf8.toString("latin1");
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  const forms = [
    escaped(plain),
    units.map((unit) => `\\\\u${hexadecimal(unit.toString(16).padStart(4, "0"))}`).join(""),
  ];
  if (units.length === 1 && units[0]! >= 0x80 && units[0]! <= 0xff) forms.push(escaped(character));
  if (!/^[\w.~-]$/.test(character)) {
    forms.push([...utf8].map((byte) => `%${hexadecimal(byte.toString(16).padStart(2, "0"))}`).join(""));
  }
  if (character === '"') forms.push('""', '\\\\"', '\\\\"\\\\"');
  if (character === "\\" || character === "/") forms.push(`\\\\${escaped(character)}`);
  return forms;
}

const wide = (text: string, isBigEndian: boolean): string => {
  const bytes = Buffer.from(text, "utf16le");
  return (isBigEndian ? bytes.swap16() : bytes).toString("latin1");
};

const escaped = (text: string): string =>
  [...text].map((character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");

const hexadecimal = (digits: string): string =>
  digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

const either = (patterns: readonly string[]): string =>
  patterns.length === 1 ? patterns[0]! : `(?:${[...new Set(patterns)].join("|")})`;

/** What holds a format together, and stays where a text is made unreadable. */
const STRUCTURE = /["',;:\t|\\{}[\]\r\n\0 ]/;
const PARTS = /\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|[\s\S]/g;

/**
 * The text made unreadable: letters become `x`, digits `1`. It keeps its length and its structure, so that what it is a
 * part of is read, or fails to be read, as before.
 *
 * @param text bytes as Latin-1
 * @param wideByte what takes the place of bytes beyond ASCII: a letter, or `\xff` where they were no UTF-8
 */
export function masked(text: string, wideByte: "x" | "\xff" = "x"): string {
  // Whatever it is, it becomes something else.
  const digit = /[02-9]/.test(text) ? "1" : "7";
  const letter = /[a-wyz]/i.test(text) ? "x" : "z";
  return text.replace(PARTS, (part) => {
    if (part.length === 6) return "\\u0078";
    if (part.length === 3) return "%78";
    if (STRUCTURE.test(part)) return part;
    if (part >= "\x80") return wideByte;
    return part >= "0" && part <= "9" ? digit : letter;
  });
}
