/** Blanks of all kinds, also those of no width, and the apostrophes that the Swiss write between thousands. */
const SEPARATORS = String.raw`[\s\u200b-\u200d\u2060\ufeff'’]`;
const OUTER_BLANKS = /^[\s\u200b-\u200d\u2060\ufeff]+|[\s\u200b-\u200d\u2060\ufeff]+$/gu;
const MINUSES = /[\u2212\u2013\u2012\ufe63\uff0d]/g;
const MOST_CHARACTERS = 64;

/** Codes as people write them beside an amount, and the words for the commonest. */
const CODES = new Set([...Intl.supportedValuesOf("currency"), "EURO", "EUROS"]);
const CURRENCY_BEFORE = /^(?:(\p{Sc})|([a-z]{3,5})\.?)\s*(?=[-+(\d.,])/iu;
const CURRENCY_AFTER = /\s*(?:(\p{Sc})|([a-z]{3,5})\.?)$/iu;

const DIGITS = /^(\d*)(?:[.,](\d*))?$/;
const EXPONENT = /^(\d+(?:[.,]\d+)?)e([+-]?\d{1,2})$/i;
/** Thousands between separators of one kind, and a decimal sign of another kind. */
const THOUSANDS = [
  new RegExp(String.raw`^(\d{1,3}(?:${SEPARATORS}\d{3})+)(?:[.,](\d+))?$`, "u"),
  /^(\d{1,3}(?:\.\d{3})+),(\d+)$/,
  /^(\d{1,3}(?:,\d{3})+)\.(\d+)$/,
  /^(\d{1,3}(?:\.\d{3}){2,})$/,
  /^(\d{1,3}(?:,\d{3}){2,})$/,
];

/**
 * A number as people and their programs write it: `49.99`, `49,99`, `1 234,56` with any blanks, `1.234,56`, `1,234.56`,
 * `1'234.56`, `€ 12,50`, `12,50 EUR`, `-3`, `3-` and `(3)` for less than nothing, `1.5E+3`.
 *
 * A single comma or point is the decimal sign, also before three digits: `1,234` is a little more than one. Where thousands
 * may be meant by that, nobody can know; in the files of those who write a decimal comma it is what it says.
 *
 * @returns the decimal number, without exponent, needless zeros and plus: `-1234.5`; `undefined` for what is no number
 */
export function writtenNumber(text: string): string | undefined {
  if (text.length > MOST_CHARACTERS) return undefined;
  const plain = text.replace(MINUSES, "-").replace(OUTER_BLANKS, "").replace(/^'/, "");
  const { isNegative, amount } = withoutSign(withoutCurrency(plain));
  const digits = digitsOf(amount);
  if (digits === undefined) return undefined;
  const number = canonical(...digits);
  return isNegative && number !== "0" ? `-${number}` : number;
}

function withoutCurrency(text: string): string {
  for (const pattern of [CURRENCY_BEFORE, CURRENCY_AFTER]) {
    const match = pattern.exec(text);
    if (match && (match[1] !== undefined || CODES.has(match[2]!.toUpperCase()))) {
      return text.replace(pattern, "");
    }
  }
  return text;
}

function withoutSign(text: string): { isNegative: boolean; amount: string } {
  const [, inner] = /^\((.*)\)$/.exec(text) ?? [];
  if (inner !== undefined) return { isNegative: true, amount: withoutCurrency(inner.trim()) };
  const [, before, amount = "", behind] = /^([+-]?)(.*?)(\s*-)?$/s.exec(text) ?? [];
  const isNegative = (before === "-") !== (behind !== undefined);
  // `-3-` is no number.
  return { isNegative, amount: before !== "" && behind !== undefined ? "" : withoutCurrency(amount.trim()) };
}

/** The digits before and behind the decimal sign. */
function digitsOf(amount: string): [whole: string, fraction: string] | undefined {
  if (!/\d/.test(amount)) return undefined;
  const [, whole, fraction = ""] = DIGITS.exec(amount) ?? [];
  if (whole !== undefined) return [whole, fraction];
  for (const pattern of THOUSANDS) {
    const [, groups, decimals = ""] = pattern.exec(amount) ?? [];
    if (groups !== undefined && hasOneSeparator(groups)) return [groups.replace(/\D/gu, ""), decimals];
  }
  const [, mantissa, exponent] = EXPONENT.exec(amount) ?? [];
  return mantissa === undefined ? undefined : shifted(mantissa, Number(exponent));
}

const hasOneSeparator = (groups: string): boolean => new Set(groups.replace(/\d/g, "")).size === 1;

function shifted(mantissa: string, places: number): [whole: string, fraction: string] {
  const [whole = "", fraction = ""] = mantissa.split(/[.,]/);
  const digits = whole + fraction;
  const point = whole.length + places;
  if (point <= 0) return ["0", "0".repeat(-point) + digits];
  return [digits.slice(0, point).padEnd(point, "0"), digits.slice(point)];
}

function canonical(whole: string, fraction: string): string {
  const integer = whole.replace(/^0+(?=\d)/, "") || "0";
  const decimals = fraction.replace(/0+$/, "");
  return decimals === "" ? integer : `${integer}.${decimals}`;
}
