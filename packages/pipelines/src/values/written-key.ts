const OUTER_BLANKS = /^[\s\u200b-\u200d\u2060\ufeff]+|[\s\u200b-\u200d\u2060\ufeff]+$/gu;
const OUTER_QUOTES = /^[\s\u200b\u2060\ufeff'"]+|[\s\u200b\u2060\ufeff'"]+$/gu;
/** As some programs keep spreadsheets from making numbers of keys: `="0042"`. */
const AS_FORMULA = /^=(?=")/;
const FLOAT = /^([+-]?\d+)[.,]0*$/;
/** As spreadsheets print a long whole number into CSV. */
const SCIENTIFIC = /^(\d)(?:[.,](\d+))?e\+(\d{1,2})$/i;
/** What programs write where they have no value. */
const NOTHING = new Set(["", "nan", "null", "none", "nil", "n/a", "#n/a", "-"]);
/** No such text is longer. */
export const LONGEST_NOTHING = 4;

/** True for what programs write where they have no value. @param text without blanks around it */
export const isNothing = (text: string): boolean => NOTHING.has(text.toLowerCase());

/** A text without blanks around it, those of no width included; `undefined` for none, also where a program spelled that out. */
export function writtenText(text: string | undefined): string | undefined {
  const trimmed = (text ?? "").normalize("NFC").replace(OUTER_BLANKS, "");
  return isNothing(trimmed) ? undefined : trimmed;
}

/**
 * A key as it is compared. Of `15298`, `15298.0`, `"15298"`, `="15298"` and ` 15298 ` each is the key `15298`; texts such
 * as `13127-1` stay as they are. Nothing for an empty key, which never equals another.
 */
export function writtenKey(text: string | undefined): string | undefined {
  const key = (text ?? "").normalize("NFC").trim().replace(AS_FORMULA, "").replace(OUTER_QUOTES, "");
  if (isNothing(key)) return undefined;
  const [, whole] = FLOAT.exec(key) ?? [];
  if (whole !== undefined) return whole;
  const [, first = "", rest = "", places] = SCIENTIFIC.exec(key) ?? [];
  return places === undefined || rest.length > Number(places)
    ? key
    : first + rest.padEnd(Number(places), "0");
}
