import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../common/test/support/runs.ts";
import { writtenNumber } from "../src/values/written-number.ts";

describe("a written number", () => {
  test.each([
    ["49.99", "49.99"],
    ["49,99", "49.99"],
    ["1 234,56", "1234.56"],
    ["1\u202f234\u202f567,5", "1234567.5"],
    ["1\u00a0234", "1234"],
    ["1.234,56", "1234.56"],
    ["1,234.56", "1234.56"],
    ["1’234.50", "1234.5"],
    ["1.234.567", "1234567"],
    ["1,234", "1.234"],
    ["€ 12,50", "12.5"],
    ["12,50\u00a0€", "12.5"],
    ["12,50 EUR", "12.5"],
    ["CHF 12.50", "12.5"],
    ["-12,50 €", "-12.5"],
    ["€-12.5", "-12.5"],
    ["−3", "-3"],
    ["12,50-", "-12.5"],
    ["(12,50 €)", "-12.5"],
    ["+7", "7"],
    [" \ufeff0012.500\u200b", "12.5"],
    ["'24.2", "24.2"],
    [".5", "0.5"],
    ["5.", "5"],
    ["-0,00", "0"],
    ["1.5298E+4", "15298"],
    ["2,5e-3", "0.0025"],
  ])("%j is %s", (text, number) => {
    expect(writtenNumber(text)).toBe(number);
  });

  test.each([
    ..."|-|,|.|abc|12abc|12 34|1 234 56|1,23,456|1.2.3|1.234,567.8|1 234.567,8|-12-|--3|(12|12 ABC|NaN|0x10|∞|1e400|²|12/5|2026-11-15".split(
      "|",
    ),
    "1".repeat(100),
  ])("is not %j", (text) => {
    expect(writtenNumber(text)).toBeUndefined();
  });

  test("is the same number however it is written", () => {
    const blanks = fc.constantFrom("", " ", "\u00a0", "\u202f");
    const style = fc.record({
      separators: fc.constantFrom<[string, string]>(
        [" ", ","],
        ["\u202f", ","],
        ["\u00a0", "."],
        [".", ","],
        [",", "."],
        ["", ","],
        ["", "."],
        ["’", "."],
      ),
      currency: fc.constantFrom("", "€", "EUR", "$", "euros"),
      isBefore: fc.boolean(),
      sign: fc.constantFrom(
        (text: string) => `-${text}`,
        (text: string) => `${text}-`,
        (text: string) => `(${text})`,
      ),
      ...{ outer: blanks, inner: blanks },
    });
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), style, (cents, how) => {
        const [thousands, decimal] = how.separators;
        const digits = String(Math.abs(cents)).padStart(3, "0");
        const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, thousands);
        const amount = `${whole}${decimal}${digits.slice(-2)}`;
        const signed = cents < 0 ? how.sign(amount) : amount;
        const shown = how.isBefore ? [how.currency, signed] : [signed, how.currency];
        const text = how.outer + shown.join(how.inner) + how.outer;
        expect(writtenNumber(text)).toBe(String(cents / 100));
      }),
      { numRuns: runs(300) },
    );
  });
});
