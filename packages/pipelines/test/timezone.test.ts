import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { timeZone, UTC } from "../src/values/timezone.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** `yyyy-MM-ddTHH:mm` as if it were UTC. */
const at = (text: string) => Date.parse(`${text}Z`);
const utc = (ms: number) => new Date(ms).toISOString().slice(0, 16);

describe("the instant of a wall-clock time", () => {
  test.each([
    ["Europe/Paris", "summer", "2025-07-01T12:00", "2025-07-01T10:00"],
    ["Europe/Paris", "the minute before the gap", "2025-03-30T01:59", "2025-03-30T00:59"],
    ["Europe/Paris", "in the gap: an hour forward", "2025-03-30T02:30", "2025-03-30T01:30"],
    ["Europe/Paris", "after the gap", "2025-03-30T03:00", "2025-03-30T01:00"],
    ["Europe/Paris", "twice: the first", "2025-10-26T02:30", "2025-10-26T00:30"],
    ["Europe/Paris", "after the overlap", "2025-10-26T03:00", "2025-10-26T02:00"],
    ["America/New_York", "in the gap: an hour forward", "2025-03-09T02:30", "2025-03-09T07:30"],
    ["America/New_York", "twice: the first", "2025-11-02T01:30", "2025-11-02T05:30"],
    ["Australia/Lord_Howe", "in the gap: half an hour forward", "2025-10-05T02:15", "2025-10-04T15:45"],
    ["Australia/Lord_Howe", "twice: the first", "2025-04-06T01:45", "2025-04-05T14:45"],
    ["Asia/Kathmandu", "an odd offset", "2025-01-01T00:00", "2024-12-31T18:15"],
    ["America/St_Johns", "in a gap that begins at 00:01", "2008-03-09T00:30", "2008-03-09T04:00"],
    ["America/St_Johns", "twice, around midnight: the first", "2008-11-01T23:30", "2008-11-02T02:00"],
    ["Pacific/Apia", "on a day that was skipped: a day forward", "2011-12-30T12:00", "2011-12-30T22:00"],
    ["UTC", "unchanged", "2025-03-30T02:30", "2025-03-30T02:30"],
  ])("%s, %s", (zone, _when, wallClock, instant) => {
    expect(utc(timeZone(zone).instantOf(at(wallClock)))).toBe(instant);
  });
});

describe("the offset of an instant", () => {
  test.each([
    ["America/St_Johns", "2008-03-09T03:30", -3.5],
    ["America/St_Johns", "2008-03-09T03:31", -2.5],
    ["Europe/Paris", "2025-03-30T00:59", 1],
    ["Europe/Paris", "2025-03-30T01:00", 2],
    ["Asia/Kathmandu", "2025-01-01T00:00", 5.75],
    ["Pacific/Kiritimati", "2025-01-01T00:00", 14],
  ])("%s at %s is %d hours", (zone, instant, hours) => {
    expect(timeZone(zone).offsetAt(at(instant)) / HOUR_MS).toBe(hours);
  });

  test("does not depend on the fraction of its second", () => {
    expect(timeZone("Europe/Paris").offsetAt(at("2025-07-01T12:00") + 999)).toBe(2 * HOUR_MS);
  });
});

test("UTC is its own wall clock", () => {
  expect(timeZone("UTC")).toBe(UTC);
});

test("a name that is no zone is refused", () => {
  expect(() => timeZone("Mars/Olympus")).toThrow(RangeError);
});

describe("any zone agrees with Intl", () => {
  const ZONES = [
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Africa/Casablanca",
    "Asia/Gaza",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Antarctica/Troll",
  ].map((name) => {
    const format = new Intl.DateTimeFormat("en", { timeZone: name, timeZoneName: "longOffset" });
    /** Minutes, as Intl writes them: GMT+05:45. */
    const intlOffset = (instantMs: number): number => {
      const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(format.format(instantMs)) ?? [];
      return sign === undefined ? 0 : Number(`${sign}${Number(hours) * 60 + Number(minutes)}`) * MINUTE_MS;
    };
    return { name, zone: timeZone(name), intlOffset, changes: changesOf(intlOffset) };
  });

  /** The instants, to the minute, at which the offset changes from 2005 to 2026. */
  function changesOf(offsetAt: (ms: number) => number): number[] {
    const changes: number[] = [];
    const step = 10 * 24 * HOUR_MS;
    for (let from = at("2005-01-01T00:00"); from < at("2026-01-01T00:00"); from += step) {
      let [before, after] = [from, from + step];
      if (offsetAt(before) === offsetAt(after)) continue;
      while (after - before > MINUTE_MS) {
        const middle = Math.floor((before + after) / 2 / MINUTE_MS) * MINUTE_MS;
        if (offsetAt(middle) === offsetAt(before)) before = middle;
        else after = middle;
      }
      changes.push(after);
    }
    return changes;
  }

  const within = (hours: number) => fc.integer({ min: -hours * 60, max: hours * 60 });
  const zoneAndInstant = fc.constantFrom(...ZONES).chain((zone) =>
    fc.record({
      zone: fc.constant(zone),
      instant: fc
        .tuple(fc.constantFrom(at("2020-01-01T00:00"), ...zone.changes), fc.oneof(within(2), within(72)))
        .map(([change, distance]) => change + distance * MINUTE_MS),
    }),
  );

  test("on the offset of every instant", () => {
    fc.assert(
      fc.property(zoneAndInstant, ({ zone: { name, zone, intlOffset }, instant }) => {
        expect(zone.offsetAt(instant), `${name} ${utc(instant)}`).toBe(intlOffset(instant));
      }),
      { numRuns: 1000 },
    );
  });

  test("on the first instant of every wall-clock time, or the one that is as far after the gap", () => {
    fc.assert(
      fc.property(zoneAndInstant, ({ zone: { name, zone, intlOffset }, instant: wallClock }) => {
        const around = Array.from({ length: 31 }, (_, index) => wallClock + (index - 15) * 2 * HOUR_MS);
        const offsets = around.map(intlOffset);
        const instants = offsets
          .map((offset) => wallClock - offset)
          .filter((instant) => instant + intlOffset(instant) === wallClock);
        const gap = Math.max(...offsets) - Math.min(...offsets);
        const result = zone.instantOf(wallClock);
        const wallClockOfResult = result + intlOffset(result);
        const label = `${name} ${utc(wallClock)} -> ${utc(result)}`;
        if (instants.length > 0) expect(result, label).toBe(Math.min(...instants));
        else expect(wallClockOfResult - wallClock, label).toBe(gap);
      }),
      { numRuns: 500 },
    );
  });
});
