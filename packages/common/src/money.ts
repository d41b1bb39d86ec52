/**
 * Exact decimals. An amount is an integer count of 1/10000 (`Units`): 15.30 is 153000. Floats never hold money.
 */
export type Units = number;

export const UNITS_PER_ONE = 10_000;

/** The greatest amount of one record, exclusive: 100 billion, so that sums stay within 64 bits. */
export const MAX_UNITS: Units = 100_000_000_000 * UNITS_PER_ONE;

const NUMERIC = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/**
 * Reads a plain decimal number (`12`, `-3.5`, `.5`, `1e3`, blanks around it) and rounds it half away from zero to
 * 1/10000. Returns `undefined` for anything else (thousands separators, currency signs, NaN, hexadecimal), and
 * `"out_of_range"` where the amount is MAX_UNITS or more. No rule keeps a negative, but each asks for the sign: below
 * -MAX_UNITS it answers -MAX_UNITS, and between -1/10000 and 0 it answers -1.
 */
export function parseUnits(text: string): Units | undefined | "out_of_range" {
  const match = NUMERIC.exec(text.trim());
  if (!match) return undefined;
  const [, sign = "", whole = "", fraction = "", exponentText = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return 0;
  // The digits, read as an integer, times ten to this power, are the number of units.
  const power = Number(exponentText) - fraction.length + 4;
  const magnitude = digits.length + power;
  const tooGreat = sign === "-" ? -MAX_UNITS : "out_of_range";
  if (magnitude > 16) return tooGreat;
  const least = sign === "-" ? -1 : 0;
  if (magnitude < 0) return least;
  const kept = power >= 0 ? digits + "0".repeat(power) : digits.slice(0, magnitude);
  const roundUp = power < 0 && digits.charCodeAt(magnitude) >= 0x35;
  const units = Number(kept === "" ? "0" : kept) + (roundUp ? 1 : 0);
  if (units >= MAX_UNITS) return tooGreat;
  return units === 0 ? least : sign === "-" ? -units : units;
}

/** Decimals below this have at most 15 digits, which a double tells apart from all others of as many digits. */
const PLAIN_NUMBERS = 1_000_000_000;

/** The same as `parseUnits` of the number's decimal text. */
export function unitsOfNumber(value: number): Units | undefined | "out_of_range" {
  if (value > -PLAIN_NUMBERS && value < PLAIN_NUMBERS) {
    const units = Math.round(value * UNITS_PER_ONE);
    // Adding zero turns -0 into 0.
    if (units / UNITS_PER_ONE === value) return units + 0;
  }
  return parseUnits(String(value));
}

/** quantity × price, both in units, rounded half up to units; neither may be negative. */
export function multiplyUnits(quantity: Units, price: Units): Units | "out_of_range" {
  const product = quantity * price;
  const units = Number.isSafeInteger(product)
    ? Math.floor((product + UNITS_PER_ONE / 2) / UNITS_PER_ONE)
    : Number((BigInt(quantity) * BigInt(price) + 5_000n) / 10_000n);
  return units >= MAX_UNITS ? "out_of_range" : units;
}

const TWO_DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0"));

/** Exactly four places, as silver carries amounts: `15.3000`. */
export function formatUnits(units: Units): string {
  const magnitude = Math.abs(units);
  const whole = Math.floor(magnitude / UNITS_PER_ONE);
  const places = magnitude - whole * UNITS_PER_ONE;
  const cents = Math.floor(places / 100);
  return `${units < 0 ? "-" : ""}${whole}.${TWO_DIGITS[cents]}${TWO_DIGITS[places - cents * 100]}`;
}

/** As few places as the value needs: `6`, `1.5`. For quantities. */
export function formatUnitsShort(units: Units | bigint): string {
  // Most quantities are whole.
  if (typeof units === "number" && units % UNITS_PER_ONE === 0) return String(units / UNITS_PER_ONE);
  const negative = units < 0 ? "-" : "";
  const digits = String(units).replace("-", "").padStart(5, "0");
  const fraction = digits.slice(-4).replace(/0+$/, "");
  return `${negative}${digits.slice(0, -4)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Two places, rounded half up (half away from zero below it), as gold carries amounts: `15.30`. */
export function formatCents(units: bigint): string {
  const magnitude = units < 0n ? -units : units;
  const cents = (magnitude + 50n) / 100n;
  const digits = String(cents).padStart(3, "0");
  return `${units < 0n && cents !== 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
