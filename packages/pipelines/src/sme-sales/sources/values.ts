import { writtenKey, writtenText } from "../../values/written-key.ts";
import { writtenNumber } from "../../values/written-number.ts";

export { writtenText };

/** Prices and quantities. */
export const AMOUNT_TYPE = "DECIMAL(18, 4)";

/** So many digits before the decimal sign that no product of two and no sum of them overflows. */
const AMOUNT = /^-?\d{1,9}(?:\.\d+)?$/;
const WHOLE = /^-?\d{1,15}$/;
const LEADING_ZEROS = /^0+(?=\d+$)/;

/** The decimal number of a text; `undefined` for none, and for one that no price and no quantity is. */
export function amount(text: string | undefined): string | undefined {
  const number = text === undefined ? undefined : writtenNumber(text);
  return number !== undefined && AMOUNT.test(number) ? number : undefined;
}

export function wholeNumber(text: string | undefined): string | undefined {
  const number = text === undefined ? undefined : writtenNumber(text);
  return number !== undefined && WHOLE.test(number) ? number : undefined;
}

/** A reference is a code: `REF001` is not `ref001`, and `0042` not `42`. */
export const productKey = (text: string | undefined): string | undefined => writtenKey(text);

/**
 * A shop's number. Spreadsheets make `1.0` of it where a column has gaps, and other programs fill it up with zeros: `1`,
 * `1.0` and `01` are one shop.
 */
export const shopKey = (text: string | undefined): string | undefined =>
  writtenKey(text)?.replace(LEADING_ZEROS, "");

/** So many texts are remembered. */
const MOST_TEXTS = 10_000;

/** Remembers what a function made of a text: in a column the same ones come again and again. */
export function remembered<Made>(
  make: (text: string | undefined) => Made,
): (text: string | undefined) => Made {
  const known = new Map<string | undefined, Made>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = make(text);
    if (known.size < MOST_TEXTS) known.set(text, made);
    return made;
  };
}
