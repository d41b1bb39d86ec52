import { describe, expect, test } from "vitest";
import { parseSilverInstant } from "../src/sqlite/silver-values.ts";

describe("an instant of silver", () => {
  test.each([
    "1970-01-01T00:00:00.000000Z",
    "1969-12-31T23:59:59.999000Z",
    "2000-02-29T00:00:00.000000Z",
    "2024-12-31T23:59:59.123000Z",
    "1900-03-01T00:00:00.000000Z",
    "0001-01-01T00:00:00.000000Z",
    "9999-12-31T23:59:59.999000Z",
  ])("%s counts microseconds since 1970", (text) => {
    expect(BigInt(parseSilverInstant(text, "ts"))).toBe(BigInt(Date.parse(text)) * 1000n);
  });

  test.each([
    "2023-02-29T00:00:00.000000Z",
    "1900-02-29T00:00:00.000000Z",
    "2024-00-01T00:00:00.000000Z",
    "2024-13-01T00:00:00.000000Z",
    "2024-01-00T00:00:00.000000Z",
    "2024-01-01T24:00:00.000000Z",
    "2024-01-01T00:60:00.000000Z",
    "2024-01-01T00:00:60.000000Z",
    "2024-01-01 00:00:00.000000Z",
    "2024-01-01T00:00:00.000000",
    "2024-01-01T00:00:00.000Z",
    "2024-01-01T00:00:00.000000Z ",
    "-024-01-01T00:00:00.000000Z",
    "",
  ])("%j is none", (text) => {
    expect(() => parseSilverInstant(text, "ts")).toThrow(/no UTC instant/);
  });
});
