import { UNITS_PER_ONE, type Units } from "@ingot/common/money";
import { type Cells, CsvBuffer } from "@ingot/engine/records";
import { ISO_DAY_BYTES } from "../../values/civil-time.ts";
import { type Instant, ISO_INSTANT_BYTES } from "../../values/instant.ts";
import type { LowerCaseHashes } from "../../values/lower-case-hashes.ts";

const PLACES = 4;

/**
 * Silver rows as rules write them, value by value in the order of the dataset's columns. A rule writes all values of a
 * row or none.
 */
export class SilverRows {
  /** The rows as CSV, without a header; what `bytes` gives is whole. */
  readonly csv = new CsvBuffer();
  /** The field that the row which is being written has its identity in: what may occur only once; -1 for none. */
  identityField = -1;
  /** Of rows with one identity the one with the greatest version stays, by the first number, then the second. */
  version = 0;
  subversion = 0;
  #hashes: LowerCaseHashes | undefined;

  /** The rows, whole; valid until the next change. */
  get bytes(): Buffer {
    this.#hashes?.finish();
    return this.csv.bytes;
  }

  clear(): void {
    this.#hashes?.finish();
    this.csv.clear();
  }

  /** A field's text, as it came. */
  cell(cells: Cells, field: number): void {
    this.csv.cell(cells, field);
  }

  text(value: string): void {
    this.csv.text(value);
  }

  /** The hash of a field's text in lower case. */
  lowerCaseHash(cells: Cells, field: number, hashes: LowerCaseHashes): void {
    hashes.append(cells, field, this.csv);
    this.#hashes = hashes;
  }

  /** An amount with four places, `15.3000`; empty where there is none. @param units not negative */
  amount(units: Units | undefined): void {
    if (units === undefined) {
      this.csv.text("");
      return;
    }
    const whole = Math.floor(units / UNITS_PER_ONE);
    this.csv.decimal(whole, units - whole * UNITS_PER_ONE, PLACES);
  }

  /** A number with as few places as it needs, `6` or `1.5`; empty where there is none. @param units not negative */
  quantity(units: Units | undefined): void {
    if (units === undefined) {
      this.csv.text("");
      return;
    }
    const whole = Math.floor(units / UNITS_PER_ONE);
    let fraction = units - whole * UNITS_PER_ONE;
    let places = fraction === 0 ? 0 : PLACES;
    for (; places > 0 && fraction % 10 === 0; places--) fraction /= 10;
    this.csv.decimal(whole, fraction, places);
  }

  /** An instant in UTC, `2010-12-01T08:26:00.000000Z`. */
  instant(instant: Instant): void {
    const at = this.csv.reserve(ISO_INSTANT_BYTES);
    instant.writeUtc(this.csv.memory, at);
  }

  /** The business day of an instant, `2010-12-01`. */
  date(instant: Instant): void {
    const at = this.csv.reserve(ISO_DAY_BYTES);
    instant.writeDate(this.csv.memory, at);
  }

  /** Says that rows with the same text in a field are versions of one. The latest stays, else the last. */
  identify(field: number, version?: Instant): void {
    this.identityField = field;
    this.version = version?.hours ?? 0;
    this.subversion = version?.microsOfHour ?? 0;
  }
}
