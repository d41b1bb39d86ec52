/** What a silver row has in a column cannot be what the contract says stands there. */
export class InvalidRow extends Error {}

const CUSTOMER_COLUMNS = 6;
const ORDER_COLUMNS = 9;
const CLICK_COLUMNS = 3;
const DATE_LENGTH = "2010-12-01".length;

/** A customer as the warehouse stores it; texts as they are. */
export interface CustomerValues {
  customerId: string;
  emailHash: string;
  firstInitial: string;
  lastInitial: string;
  country: string;
  signupDate: string;
}

/** An order as the warehouse stores it. Amounts are integers of 1/10000. */
export interface OrderValues {
  orderId: string;
  customerId: string;
  product: string;
  quantity: number | null;
  unitPrice: number | null;
  total: number;
  /** Microseconds since 1970. */
  orderTs: number | bigint;
  orderDate: string;
  channel: string;
}

/** A click as the warehouse stores it; texts as they are. An unknown visitor has no `customerId`. */
export interface ClickValues {
  customerId: string;
  page: string;
  /** Microseconds since 1970. */
  ts: number | bigint;
}

/** @throws InvalidRow */
export function customerValues(row: readonly string[]): CustomerValues {
  if (row.length !== CUSTOMER_COLUMNS)
    throw new InvalidRow(`${row.length} values instead of ${CUSTOMER_COLUMNS}`);
  const [customerId, emailHash, firstInitial, lastInitial, country, signupDate] = row as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (customerId === "") throw new InvalidRow("customer_id is empty");
  return { customerId, emailHash, firstInitial, lastInitial, country, signupDate };
}

/** @throws InvalidRow */
export function orderValues(row: readonly string[]): OrderValues {
  if (row.length !== ORDER_COLUMNS) throw new InvalidRow(`${row.length} values instead of ${ORDER_COLUMNS}`);
  const [orderId, customerId, product, quantity, unitPrice, total, orderTs, orderDate, channel] = row as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (orderId === "") throw new InvalidRow("order_id is empty");
  if (orderDate.length !== DATE_LENGTH) throw new InvalidRow(`order_date "${orderDate}" is no date`);
  return {
    orderId,
    customerId,
    product,
    quantity: quantity === "" ? null : parseSilverUnits(quantity),
    unitPrice: unitPrice === "" ? null : parseSilverUnits(unitPrice),
    total: parseSilverUnits(total),
    orderTs: parseSilverInstant(orderTs, "order_ts"),
    orderDate,
    channel,
  };
}

/** @throws InvalidRow */
export function clickValues(row: readonly string[]): ClickValues {
  if (row.length !== CLICK_COLUMNS) throw new InvalidRow(`${row.length} values instead of ${CLICK_COLUMNS}`);
  const [customerId, page, ts] = row as [string, string, string];
  return { customerId, page, ts: parseSilverInstant(ts, "ts") };
}

const DOT = 0x2e;
const ZERO = 0x30;

/**
 * Reads an amount as silver writes it: digits, and at most four more after a dot. Never negative.
 *
 * @returns units of 1/10000
 * @throws InvalidRow
 */
export function parseSilverUnits(text: string): number {
  let units = 0;
  let places = -1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const digit = code - ZERO;
    if (digit >= 0 && digit <= 9 && places < 4) {
      units = units * 10 + digit;
      if (places >= 0) places += 1;
    } else if (code === DOT && places < 0 && index > 0) places = 0;
    else throw new InvalidRow(`"${text}" is no amount`);
  }
  units *= 10 ** (4 - Math.max(places, 0));
  if (text === "" || !Number.isSafeInteger(units)) throw new InvalidRow(`"${text}" is no amount`);
  return units;
}

const INSTANT = "2010-12-01T08:26:00.000000Z";
const SEPARATORS = [4, 7, 10, 13, 16, 19, 26];
const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads an instant as silver writes it: `2010-12-01T08:26:00.000000Z`, nothing else.
 *
 * @param column its name, for the message
 * @returns microseconds since 1970; a `bigint` before 1685 and after 2255
 * @throws InvalidRow
 */
export function parseSilverInstant(text: string, column: string): number | bigint {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const micros = digits(text, 20, 26);
  const isLeapDay = month === 2 && day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const isInstant =
    text.length === INSTANT.length &&
    hasSeparators(text) &&
    year >= 0 &&
    day >= 1 &&
    (isLeapDay || day <= (DAYS_OF_MONTH[month - 1] ?? 0)) &&
    hour >= 0 &&
    hour < 24 &&
    minute >= 0 &&
    minute < 60 &&
    second >= 0 &&
    second < 60 &&
    micros >= 0;
  if (!isInstant) throw new InvalidRow(`${column} "${text}" is no UTC instant with six fraction digits`);
  const seconds = daysSince1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
  const instant = seconds * 1e6 + micros;
  return Number.isSafeInteger(instant) ? instant : BigInt(seconds) * 1_000_000n + BigInt(micros);
}

function hasSeparators(text: string): boolean {
  for (const at of SEPARATORS) if (text.charCodeAt(at) !== INSTANT.charCodeAt(at)) return false;
  return true;
}

/** The number in `text` from `start` to `end`; NaN where something else stands there. */
function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index++) {
    const digit = text.charCodeAt(index) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Days from 1970-01-01 to a date of the Gregorian calendar. `Date` does not keep years below 100. */
function daysSince1970(year: number, month: number, day: number): number {
  // Years begin in March, so that the leap day is the last one: 400 of them always have 146,097 days.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
