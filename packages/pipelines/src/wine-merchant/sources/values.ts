import { writtenNumber } from "../../values/written-number.ts";

/** An amount of money, per unit. */
export const PRICE_TYPE = "DECIMAL(18, 6)";
/** Digits before the decimal sign that there is room for. */
const PRICE_DIGITS = 12;
const COUNT = /^-?\d{1,15}$/;

/** A text without blanks around it; nothing for an empty one. */
export function given(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" ? null : trimmed;
}

const ENTITY = /&(?:#(\d+)|#x([0-9a-f]+)|(amp|lt|gt|quot|apos|nbsp));/gi;
const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};
const MOST_CODE_POINT = 0x10ffff;

/** A text that a web shop keeps as HTML: `Agrapart &amp; Fils`. */
export function htmlText(text: string | undefined): string | null {
  const plain = text?.replace(ENTITY, (entity, decimal, hexadecimal, name) => {
    if (name !== undefined) return NAMED[name.toLowerCase()]!;
    const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
    return code > 0 && code <= MOST_CODE_POINT ? String.fromCodePoint(code) : entity;
  });
  return given(plain);
}

/** A decimal number; nothing for what is none. */
export function price(text: string | undefined): string | null {
  const number = text === undefined ? undefined : writtenNumber(text);
  if (number === undefined) return null;
  const [whole = ""] = number.replace("-", "").split(".");
  return whole.length <= PRICE_DIGITS ? number : null;
}

/** A whole number; nothing for what is none. */
export function count(text: string | undefined): string | null {
  const number = text === undefined ? undefined : writtenNumber(text);
  return number !== undefined && COUNT.test(number) ? number : null;
}
