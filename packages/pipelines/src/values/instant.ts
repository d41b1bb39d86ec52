import { writeDigits } from "@ingot/engine/records";
import { FIRST_DAY, ISO_DAY_BYTES, writeIsoDay, writeTwoDigits } from "./civil-time.ts";

const SECONDS_PER_HOUR = 3600;
const MICROS_PER_SECOND = 1_000_000;

export const ISO_INSTANT_BYTES = 27;

/** A point in time between the years 1 and 9999, to the microsecond, and the day on which the business counts it. */
export class Instant {
  /** Its day in UTC, counted from 1970-01-01. */
  day = 0;
  /** 0 to 86,399. */
  secondOfDay = 0;
  /** Microseconds of the second. */
  micros = 0;
  /** Its day in the business time zone. */
  businessDay = 0;

  /** Hours since the year 1, and microseconds since: together they order instants. Both fit into 32 bits. */
  get hours(): number {
    return (this.day - FIRST_DAY) * 24 + Math.floor(this.secondOfDay / SECONDS_PER_HOUR);
  }

  get microsOfHour(): number {
    return (this.secondOfDay % SECONDS_PER_HOUR) * MICROS_PER_SECOND + this.micros;
  }

  /** Writes it with six fraction digits, `2010-12-01T08:26:00.000000Z`: text order is time order. */
  writeUtc(bytes: Uint8Array, at: number): void {
    writeIsoDay(bytes, at, this.day);
    const minutes = Math.floor(this.secondOfDay / 60);
    const hours = Math.floor(minutes / 60);
    bytes[at + 10] = 0x54;
    writeTwoDigits(bytes, at + 11, hours);
    bytes[at + 13] = 0x3a;
    writeTwoDigits(bytes, at + 14, minutes - hours * 60);
    bytes[at + 16] = 0x3a;
    writeTwoDigits(bytes, at + 17, this.secondOfDay - minutes * 60);
    bytes[at + 19] = 0x2e;
    writeDigits(bytes, at + 20, 6, this.micros);
    bytes[at + 26] = 0x5a;
  }

  /** Writes its business day, `yyyy-MM-dd`. */
  writeDate(bytes: Uint8Array, at: number): void {
    writeIsoDay(bytes, at, this.businessDay);
  }

  get utc(): string {
    const bytes = Buffer.alloc(ISO_INSTANT_BYTES);
    this.writeUtc(bytes, 0);
    return bytes.toString("latin1");
  }

  get date(): string {
    const bytes = Buffer.alloc(ISO_DAY_BYTES);
    this.writeDate(bytes, 0);
    return bytes.toString("latin1");
  }
}
