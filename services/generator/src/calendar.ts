import { UTCDateMini } from "@date-fns/utc";
import { lightFormat } from "date-fns/lightFormat";
import { indexWithin, type Random } from "./random.ts";

const MS_PER_HOUR = 3_600_000;

/** How busy the shop is in each hour of the day, UTC: quiet nights, a peak at noon, a greater one in the evening. */
const HOURS = [5, 3, 2, 2, 2, 4, 8, 15, 24, 30, 34, 37, 39, 35, 32, 32, 34, 38, 44, 50, 48, 38, 24, 12];
/** And on each weekday, from Sunday. */
const WEEKDAYS = [112, 94, 92, 95, 98, 103, 106];

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const AVERAGE = mean(HOURS) * mean(WEEKDAYS);

/** The time from `at - spanMs` (inclusive) to `at` (exclusive), as the shop's customers fill it. */
export class Span {
  /** How busy it is, against the average of a week: 1 is average. */
  readonly activity: number;
  private readonly startMs: number;
  private readonly endMs: number;
  /** Weight × milliseconds up to the end of each hour that the span touches. */
  private readonly upTo: Float64Array;

  constructor(at: Date, spanMs: number) {
    this.endMs = at.getTime();
    this.startMs = this.endMs - spanMs;
    const firstHour = Math.floor(this.startMs / MS_PER_HOUR);
    const lastHour = Math.floor((this.endMs - 1) / MS_PER_HOUR);
    this.upTo = new Float64Array(lastHour - firstHour + 1);
    let sum = 0;
    for (let hour = firstHour; hour <= lastHour; hour++) {
      const from = Math.max(this.startMs, hour * MS_PER_HOUR);
      const until = Math.min(this.endMs, (hour + 1) * MS_PER_HOUR);
      sum += (until - from) * weightOfHour(hour);
      this.upTo[hour - firstHour] = sum;
    }
    this.activity = sum / spanMs / AVERAGE;
  }

  /** `count` instants (epoch milliseconds) in ascending order, denser where the shop is busier. */
  instants(count: number, random: Random): Float64Array {
    const instants = new Float64Array(count);
    for (let index = 0; index < count; index++) instants[index] = this.instant(random);
    return instants.sort();
  }

  private instant(random: Random): number {
    const value = random.next() * this.upTo.at(-1)!;
    const index = indexWithin(this.upTo, value);
    const hour = Math.floor(this.startMs / MS_PER_HOUR) + index;
    const from = Math.max(this.startMs, hour * MS_PER_HOUR);
    const into = (value - (index === 0 ? 0 : this.upTo[index - 1]!)) / weightOfHour(hour);
    return Math.min(this.endMs - 1, Math.floor(from + into));
  }
}

/** @param hour hours since 1970, which began on a Thursday */
function weightOfHour(hour: number): number {
  const day = Math.floor(hour / 24);
  return HOURS[hour - day * 24]! * WEEKDAYS[(((day + 4) % 7) + 7) % 7]!;
}

/** Formats without a zone, all in whole seconds: valid by the contract, and read in the business time zone. */
const OTHER_TIMESTAMPS = [
  "yyyy-MM-dd'T'HH:mm:ss",
  "yyyy/MM/dd HH:mm:ss",
  "dd/MM/yyyy HH:mm:ss",
  "dd-MM-yyyy HH:mm:ss",
];
const OTHER_DATES = ["yyyy/MM/dd", "dd/MM/yyyy", "dd-MM-yyyy"];

/** The usual form, ISO 8601 in UTC with milliseconds. */
export function isoTimestamp(instantMs: number): string {
  return new Date(instantMs).toISOString();
}

/**
 * An instant in one of the contract's other valid forms. Some carry whole seconds only, the rest is cut off.
 *
 * @returns what stands in the file, a text or epoch milliseconds, and the instant that it says (read in UTC)
 */
export function otherTimestamp(
  instantMs: number,
  random: Random,
): { written: string | number; saysMs: number } {
  const form = random.int(OTHER_TIMESTAMPS.length + 1);
  const format = OTHER_TIMESTAMPS[form];
  if (format === undefined) return { written: instantMs, saysMs: instantMs };
  const saysMs = Math.floor(instantMs / 1000) * 1000;
  return { written: lightFormat(new UTCDateMini(saysMs), format), saysMs };
}

export function isoDate(instantMs: number): string {
  return isoTimestamp(instantMs).slice(0, 10);
}

/** An instant's date (UTC) in one of the contract's other valid forms. */
export function otherDate(instantMs: number, random: Random): string {
  return lightFormat(new UTCDateMini(instantMs), random.pick(OTHER_DATES));
}
