import { parseUnits, type Units, unitsOfNumber } from "@ingot/common/money";
import { type Cells, NUMBER, TEXT, UNUSABLE } from "@ingot/engine/records";

/** False for a nested value and a text that cannot be stored: such a record has to be looked at by somebody. */
export const isUsable = (cells: Cells, field: number): boolean => cells.kinds[field] !== UNUSABLE;

/** True where a field has no text. */
export const isEmpty = (cells: Cells, field: number): boolean => cells.starts[field] === cells.ends[field];

const BLANK = 0x20;
const DELETE = 0x7f;

/** True for a byte with which no blank of any alphabet begins or ends. */
const isNoBlank = (byte: number): boolean => byte > BLANK && byte < DELETE;

/** Takes the blanks away around a field's text, as `String.trim` does. */
export function trim(cells: Cells, field: number): void {
  const { bytes, starts, ends } = cells;
  const start = starts[field]!;
  const end = ends[field]!;
  if (start === end || (isNoBlank(bytes[start]!) && isNoBlank(bytes[end - 1]!))) return;
  const text = cells.text(field);
  const trimmed = text.trimStart();
  starts[field] = start + Buffer.byteLength(text.slice(0, text.length - trimmed.length));
  ends[field] = starts[field]! + Buffer.byteLength(trimmed.trimEnd());
}

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const PLACES = 4;
/** Numbers with so many digits before the point are far below the greatest amount. */
const MAX_DIGITS = 10;
const POWERS_OF_TEN = [1, 10, 100, 1000, 10_000];

/** A number or numeric text as units of 1/10000; `undefined` where it is neither. */
export function unitsOf(cells: Cells, field: number): Units | undefined | "out_of_range" {
  const kind = cells.kinds[field];
  if (kind === NUMBER) return unitsOfNumber(cells.numbers[field]!);
  if (kind !== TEXT) return undefined;
  const plain = plainUnits(cells.bytes, cells.starts[field]!, cells.ends[field]!);
  return Number.isNaN(plain) ? parseUnits(cells.text(field)) : plain;
}

/** The same as `parseUnits` of digits, at most four of them behind a point; NaN for every other text. */
function plainUnits(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = start < end && bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  let units = 0;
  let point = end;
  for (let at = first; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit >= 0 && digit <= 9) units = units * 10 + digit;
    else if (bytes[at] === POINT && point === end) point = at;
    else return Number.NaN;
  }
  const whole = point - first;
  const places = point === end ? 0 : end - point - 1;
  if (whole === 0 || whole > MAX_DIGITS || places > PLACES || (places === 0 && point !== end))
    return Number.NaN;
  units *= POWERS_OF_TEN[PLACES - places]!;
  // Subtracting turns -0 into 0.
  return isNegative ? 0 - units : units;
}
