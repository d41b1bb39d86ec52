import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseInstant } from "../src/values/instants.ts";
import { timeZone, UTC } from "../src/values/timezone.ts";

const PARIS = timeZone("Europe/Paris");

const utcOf = (value: unknown, zone = UTC) => parseInstant(value, zone)?.utc;

describe("a date or an instant", () => {
  test.each([
    // ISO 8601
    ["2010-12-01", "2010-12-01T00:00:00.000000Z"],
    ["2010-12-01T08", "2010-12-01T08:00:00.000000Z"],
    ["2010-12-01T08:26", "2010-12-01T08:26:00.000000Z"],
    ["2010-12-01T08:26:05", "2010-12-01T08:26:05.000000Z"],
    ["2010-12-01 08:26:05", "2010-12-01T08:26:05.000000Z"],
    ["2010-12-01 8:26:05", "2010-12-01T08:26:05.000000Z"],
    ["2010-12-01T08:26:05Z", "2010-12-01T08:26:05.000000Z"],
    ["2010-12-01t08:26:05z", "2010-12-01T08:26:05.000000Z"],
    ["2010-12-01T08:26:05+02:00", "2010-12-01T06:26:05.000000Z"],
    ["2010-12-01T08:26:05 +02:00", "2010-12-01T06:26:05.000000Z"],
    ["2010-12-01T08:26-0330", "2010-12-01T11:56:00.000000Z"],
    ["2010-12-01T08+01", "2010-12-01T07:00:00.000000Z"],
    ["2010-12-31T23:30:00-01:00", "2011-01-01T00:30:00.000000Z"],
    ["20101201", "2010-12-01T00:00:00.000000Z"],
    ["20101201T0826", "2010-12-01T08:26:00.000000Z"],
    ["20101201T082605Z", "2010-12-01T08:26:05.000000Z"],
    ["20101201T082605.5+0200", "2010-12-01T06:26:05.500000Z"],
    // Year first
    ["2010/12/01", "2010-12-01T00:00:00.000000Z"],
    ["2010/2/1", "2010-02-01T00:00:00.000000Z"],
    ["2010/12/01 08:26", "2010-12-01T08:26:00.000000Z"],
    ["2010/12/01T08:26:05Z", "2010-12-01T08:26:05.000000Z"],
    // Day first, never month first
    ["02/03/2010", "2010-03-02T00:00:00.000000Z"],
    ["2/3/2010", "2010-03-02T00:00:00.000000Z"],
    ["31/12/2010 23:59:59", "2010-12-31T23:59:59.000000Z"],
    ["02-03-2010", "2010-03-02T00:00:00.000000Z"],
    ["02-03-2010 08:26", "2010-03-02T08:26:00.000000Z"],
    ["02-03-2010 08:26:05+02:00", "2010-03-02T06:26:05.000000Z"],
    // Fractions of a second
    ["2010-12-01T08:26:05.5", "2010-12-01T08:26:05.500000Z"],
    ["2010-12-01T08:26:05,123Z", "2010-12-01T08:26:05.123000Z"],
    ["2010-12-01T08:26:05.123456789Z", "2010-12-01T08:26:05.123456Z"],
    ["01/12/2010 08:26:05.000001", "2010-12-01T08:26:05.000001Z"],
    // Epoch seconds and milliseconds
    ["1291191965", "2010-12-01T08:26:05.000000Z"],
    [1291191965, "2010-12-01T08:26:05.000000Z"],
    [1291191965.25, "2010-12-01T08:26:05.250000Z"],
    ["1291191965.123456", "2010-12-01T08:26:05.123456Z"],
    ["1291191965007", "2010-12-01T08:26:05.007000Z"],
    [1291191965007, "2010-12-01T08:26:05.007000Z"],
    ["1291191965007.25", "2010-12-01T08:26:05.007250Z"],
    [0, "1970-01-01T00:00:00.000000Z"],
    [-1, "1969-12-31T23:59:59.000000Z"],
    [-100_000_000_001, "1966-10-31T14:13:19.999000Z"],
    // Leap years, and blanks around
    ["2012-02-29", "2012-02-29T00:00:00.000000Z"],
    ["2000-02-29", "2000-02-29T00:00:00.000000Z"],
    ["  2010-12-01\t\n", "2010-12-01T00:00:00.000000Z"],
    ["0001-01-01", "0001-01-01T00:00:00.000000Z"],
    ["9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999Z"],
  ])("%j is %s", (value, utc) => {
    expect(utcOf(value)).toBe(utc);
  });

  test.each([
    "2011-02-30",
    "32/13/2025",
    "13/13/2025",
    "01/13/2025",
    "31-04-2025",
    "2011-02-29",
    "1900-02-29",
    "2025-00-10",
    "2025-10-00",
    "2025-13-01T00:00:00Z",
    "20110230",
  ])("%s is no real date", (value) => expect(utcOf(value)).toBeUndefined());

  test.each([
    "2025-01-01T24:00",
    "2025-01-01T24:00:00Z",
    "2025-01-01T25:00",
    "2025-01-01T23:60",
    "2016-12-31T23:59:60Z",
    "2025-01-01T10:00:00+24:00",
    "2025-01-01T10:00:00+02:60",
    "0000-01-01",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
  ])("%s is no real time", (value) => expect(utcOf(value)).toBeUndefined());

  test.each([
    "",
    "   ",
    "yesterday",
    "null",
    "2025",
    "2025-01",
    "2025-1-5",
    "25-01-05",
    "01/02/25",
    "01.02.2025",
    "01/02-2025",
    "2025-01-01T",
    "2025-01-01T1:2",
    "2025-01-01T10:00:00 PM",
    "2025-01-01T10:00:00Europe/Paris",
    "2025-01-01T10:00:00.Z",
    "2025-01-01\n2025-01-02",
    "x2025-01-01",
    "2025-01-01x",
    "٢٠٢٥-٠١-٠١",
    "1e9",
    "0x5F5E1000",
    "1291191965s",
    "12345",
    "9".repeat(60),
    `1291191965000000`,
  ])("%j is none", (value) => expect(utcOf(value)).toBeUndefined());

  test.each([undefined, null, true, Number.NaN, Infinity, 1e21, {}, [], ["2025-01-01"], new Date(0)])(
    "%s is none, whatever its type",
    (value) => expect(utcOf(value)).toBeUndefined(),
  );
});

describe("every format", () => {
  const pad = (value: number, width = 2) => String(value).padStart(width, "0");

  /** From 1973, where milliseconds reach 10^11, to the year 5138, where seconds do. */
  const instant = fc.record({
    second: fc.integer({ min: 100_000_000, max: 99_999_999_999 }),
    micros: fc.oneof(fc.constant(0), fc.nat(999_999)),
    offsetMinutes: fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }),
  });

  test("gives back the instant that was written in it", () => {
    fc.assert(
      fc.property(instant, ({ second, micros, offsetMinutes }) => {
        const utc = new Date(second * 1000);
        const local = new Date((second + offsetMinutes * 60) * 1000);
        const expected = `${utc.toISOString().slice(0, 19)}.${pad(micros, 6)}Z`;
        const fraction = micros === 0 ? "" : `.${pad(micros, 6)}`;
        const sign = offsetMinutes < 0 ? "-" : "+";
        const offset = [pad(Math.floor(Math.abs(offsetMinutes) / 60)), pad(Math.abs(offsetMinutes) % 60)];
        const written = (date: Date) => {
          const [year, month, day] = date.toISOString().slice(0, 10).split("-");
          const time = date.toISOString().slice(11, 19) + fraction;
          return [
            `${year}-${month}-${day}T${time}`,
            `${year}-${month}-${day} ${time}`,
            `${year}/${month}/${day} ${time}`,
            `${day}/${month}/${year} ${time}`,
            `${day}-${month}-${year} ${time}`,
            `${year}${month}${day}T${time.replaceAll(":", "")}`,
          ];
        };
        const texts = [
          ...written(utc),
          ...written(utc).map((text) => `${text}Z`),
          ...written(local).map((text) => `${text}${sign}${offset.join(":")}`),
          ...written(local).map((text) => `${text}${sign}${offset.join("")}`),
          `${second}${fraction}`,
          `${second}${pad(Math.floor(micros / 1000), 3)}.${pad(micros % 1000, 3)}`,
        ];
        for (const text of texts) expect(utcOf(text), text).toBe(expected);
        expect(utcOf(second)).toBe(`${expected.slice(0, 19)}.000000Z`);
      }),
      { numRuns: 200 },
    );
  });

  test("sorts as text in the order of time", () => {
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        const micros = ({ second, micros }: typeof a) => BigInt(second) * 1_000_000n + BigInt(micros);
        const text = ({ second, micros }: typeof a) => utcOf(`${second}.${pad(micros, 6)}`)!;
        expect(text(a) < text(b)).toBe(micros(a) < micros(b));
      }),
    );
  });

  test("never makes an instant of a date that the calendar does not have", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), fc.nat(14), fc.nat(33), (year, month, day) => {
        const isLeapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
        const lengths = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        const isReal = day >= 1 && day <= (lengths[month - 1] ?? 0);
        const [y, m, d] = [pad(year, 4), pad(month), pad(day)];
        for (const text of [`${y}-${m}-${d}`, `${y}/${m}/${d}`, `${d}/${m}/${y}`, `${d}-${m}-${y}`]) {
          expect(parseInstant(text, UTC)?.date, text).toBe(isReal ? `${y}-${m}-${d}` : undefined);
        }
      }),
    );
  });
});

describe("in the business time zone", () => {
  test.each([
    ["2025-01-15 08:00", "2025-01-15T07:00:00.000000Z"],
    ["15/07/2025 08:00", "2025-07-15T06:00:00.000000Z"],
    ["2025/07/15", "2025-07-14T22:00:00.000000Z"],
    ["2025-07-15T08:00Z", "2025-07-15T08:00:00.000000Z"],
    ["2025-07-15T08:00-05:00", "2025-07-15T13:00:00.000000Z"],
    [1752566400, "2025-07-15T08:00:00.000000Z"],
  ])("only a time without a zone is read in it: %j is %s", (value, utc) => {
    expect(utcOf(value, PARIS)).toBe(utc);
  });

  test.each([
    ["2025-01-15T23:30:00Z", "2025-01-16"],
    ["2025-01-15T22:30:00Z", "2025-01-15"],
    ["2025-07-15T22:30:00Z", "2025-07-16"],
    ["2025-12-31T23:00:00Z", "2026-01-01"],
    ["2025-07-15 23:59:59", "2025-07-15"],
    ["2025-07-15", "2025-07-15"],
    [1752615000, "2025-07-15"],
    [1752618600, "2025-07-16"],
  ])("the date is the one there: %j is on %s", (value, date) => {
    expect(parseInstant(value, PARIS)?.date).toBe(date);
  });
});
