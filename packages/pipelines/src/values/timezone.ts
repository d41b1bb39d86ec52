const QUARTER_HOUR_MS = 15 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
const CACHED_OFFSETS = 200_000;

/** One IANA time zone: from instants to wall-clock time and back. All numbers are milliseconds. */
export interface TimeZone {
  readonly name: string;
  /** What to add to an instant to get its wall-clock time, written as if it were UTC. */
  offsetAt(instantMs: number): number;
  /**
   * The instant of a wall-clock time (written as if it were UTC). A time that occurs twice is the first; one that
   * daylight saving skips is moved forward by the gap (contract: e-commerce, section 2).
   */
  instantOf(wallClockMs: number): number;
}

export const UTC: TimeZone = { name: "UTC", offsetAt: () => 0, instantOf: (wallClockMs) => wallClockMs };

/** @throws RangeError for a name that is no IANA zone */
export function timeZone(name: string): TimeZone {
  if (name === "UTC") return UTC;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
    era: "short",
  });
  // Asking Intl costs microseconds, and offsets seldom change.
  const offsets = new Map<number, number>();
  const offsetAtQuarter = (quarter: number): number => {
    let offset = offsets.get(quarter);
    if (offset === undefined) {
      offset = measureOffset(format, quarter * QUARTER_HOUR_MS);
      if (offsets.size >= CACHED_OFFSETS) offsets.clear();
      offsets.set(quarter, offset);
    }
    return offset;
  };
  const offsetAt = (instantMs: number): number => {
    const quarter = Math.floor(instantMs / QUARTER_HOUR_MS);
    const offset = offsetAtQuarter(quarter);
    // Some zones change in between: St John's did at one minute past midnight.
    return offset === offsetAtQuarter(quarter + 1) ? offset : measureOffset(format, instantMs);
  };
  const instantOf = (wallClockMs: number): number => {
    const before = offsetAt(wallClockMs - DAY_MS);
    const after = offsetAt(wallClockMs + DAY_MS);
    if (before === after) return wallClockMs - before;
    const matches = [before, after].filter((offset) => offsetAt(wallClockMs - offset) === offset);
    return wallClockMs - (matches.length === 0 ? before : Math.max(...matches));
  };
  return { name, offsetAt, instantOf };
}

function measureOffset(format: Intl.DateTimeFormat, instantMs: number): number {
  const wholeSecondMs = Math.floor(instantMs / 1000) * 1000;
  const parts = Object.fromEntries(
    format.formatToParts(wholeSecondMs).map(({ type, value }) => [type, value]),
  );
  const part = (type: string): number => Number(parts[type]);
  const year = parts.era === "BC" ? 1 - part("year") : part("year");
  const wallClock = new Date(0);
  wallClock.setUTCFullYear(year, part("month") - 1, part("day"));
  wallClock.setUTCHours(part("hour"), part("minute"), part("second"));
  return wallClock.getTime() - wholeSecondMs;
}
