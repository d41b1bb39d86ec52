/** Deeper nesting is not read: it is no record, and code that walks through values must not run out of stack. */
export const MAX_DEPTH = 64;

/** A number whose text may say more than a double can hold: 16 characters of digits and dot, or an exponent. */
const LONG_NUMBER = /[\s:,[]-?(?:[\d.]{16}|[\d.]+[eE])/;

const LIKE_SCALAR =
  /^\s*(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|"[^"\\]*(?:\\[\s\S][^"\\]*)*")\s*$/;

type ExactReviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parseWith = JSON.parse as (text: string, reviver: ExactReviver) => unknown;

/**
 * `JSON.parse`, except that a number which a double does not hold exactly is given as its source text, digit for
 * digit (order ids such as 9007199254740993). A `__proto__` key becomes an ordinary field of its own.
 *
 * @throws Error where the text is not JSON, or is nested deeper than MAX_DEPTH
 */
export function parseExact(text: string): unknown {
  const value: unknown = LONG_NUMBER.test(text) ? parseWith(text, exactNumber) : JSON.parse(text);
  if (tooDeep(text, value)) throw new SyntaxError("Nested too deeply");
  return value;
}

/** False for a text that is no string, number, true, false or null: a cheap test, where most texts are none. */
export const mayBeScalar = (text: string): boolean => LIKE_SCALAR.test(text);

/** True for a plain object, the only JSON value that is a record. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const exactNumber: ExactReviver = (_key, value, { source }) =>
  typeof value === "number" && source !== undefined && !holds(value, source) ? source : value;

/** True where the double's shortest form and the source are the same decimal. */
function holds(value: number, source: string): boolean {
  const shortest = String(value);
  return shortest === source || (Number.isFinite(value) && normal(shortest) === normal(source));
}

/** A decimal as digits without zeros at either end, and the power of ten of the last one. */
function normal(decimal: string): string {
  const [mantissa = "", exponent = "0"] = decimal.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

/** True where a value nests deeper than so many levels. Short texts cannot, and flat ones do not. */
function tooDeep(text: string, value: unknown): boolean {
  if (text.length <= 2 * MAX_DEPTH) return false;
  return (text.includes("[") || text.includes("{", 1)) && deeperThan(value, MAX_DEPTH);
}

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  const children: unknown[] = Array.isArray(value) ? value : Object.values(value);
  return children.some((child) => deeperThan(child, levels - 1));
}
