import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatCents,
  formatUnits,
  formatUnitsShort,
  MAX_UNITS,
  multiplyUnits,
  parseUnits,
  unitsOfNumber,
} from "../src/money.ts";

const SIXTY_DIGITS = "123456789012345678901234567890123456789012345678901234567890";

describe("reading an amount", () => {
  test.each([
    ["12", 120_000],
    ["15.30", 153_000],
    ["-3.5", -35_000],
    ["+3.5", 35_000],
    [".5", 5_000],
    ["5.", 50_000],
    ["007.10", 71_000],
    ["1e3", 10_000_000],
    ["1.5E-2", 150],
    ["1e+2", 1_000_000],
    ["  7.25\t\n", 72_500],
    ["\u00a07\u00a0", 70_000],
    ["0", 0],
    ["-0.000", 0],
    ["0e99999999999", 0],
  ])("%j is %i units", (text, units) => {
    expect(parseUnits(text)).toBe(units);
  });

  test.each([
    ["0.00005", 1],
    ["0.00004999999999999999999999", 0],
    ["1.00015", 10_002],
    ["2.00025", 20_003],
    ["-1.00015", -10_002],
    ["0.99995", 10_000],
    [`0.${SIXTY_DIGITS}`, 1_235],
    ["5e-5", 1],
    ["1e-99999999999", 0],
  ])("%s is rounded half up to %i units", (text, units) => {
    expect(parseUnits(text)).toBe(units);
  });

  test.each(["-0.00001", "-1e-300", "-1e-99999999999"])("%s stays below zero", (text) => {
    expect(parseUnits(text)).toBe(-1);
  });

  test.each(["", "   ", ".", "-", "e5", ".e5", "1e", "abc", "12abc", "--1", "1.2.3", "1 000"])(
    "%j is no number",
    (text) => expect(parseUnits(text)).toBeUndefined(),
  );

  test.each(["1,000", "12,50", "€5", "5 EUR", "NaN", "Infinity", "-Infinity", "0x10", "1_000", "١٢", "½"])(
    "%j is no plain decimal",
    (text) => expect(parseUnits(text)).toBeUndefined(),
  );

  test("the greatest amount is just below 100 billion", () => {
    expect(parseUnits("99999999999.9999")).toBe(MAX_UNITS - 1);
  });

  test.each(["100000000000", "99999999999.99995", "1e11", "1e400", "1e99999999999", SIXTY_DIGITS])(
    "%s is out of range",
    (text) => {
      expect(parseUnits(text)).toBe("out_of_range");
      expect(parseUnits(`-${text}`), "and stays negative below zero").toBe(-MAX_UNITS);
    },
  );

  test("equals rational arithmetic for any digits and exponent", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 25 });
    const number = fc.record({
      sign: fc.constantFrom("", "+", "-"),
      whole: digits,
      fraction: fc.option(digits, { nil: undefined }),
      exponent: fc.option(fc.integer({ min: -40, max: 40 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(number, ({ sign, whole, fraction, exponent }) => {
        fc.pre(whole + (fraction ?? "") !== "");
        const text = `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}${exponent === undefined ? "" : `e${exponent}`}`;
        const power = (exponent ?? 0) - (fraction ?? "").length + 4;
        const top = BigInt(whole + (fraction ?? "")) * 10n ** BigInt(Math.max(0, power));
        const bottom = 10n ** BigInt(Math.max(0, -power));
        const rounded = (2n * top + bottom) / (2n * bottom);
        expect(parseUnits(text)).toBe(expectedUnits(sign === "-", top > 0n, rounded));
      }),
      { numRuns: 1000 },
    );
  });

  function expectedUnits(isNegative: boolean, isSome: boolean, magnitude: bigint) {
    const isTooGreat = magnitude >= BigInt(MAX_UNITS);
    if (isNegative && isSome) return isTooGreat ? -MAX_UNITS : -Number(magnitude || 1n);
    return isTooGreat ? "out_of_range" : Number(magnitude);
  }
});

test("a number has the units of its decimal text", () => {
  const around = fc
    .tuple(fc.integer({ min: -(2 ** 53), max: 2 ** 53 }), fc.nat(9))
    .map(([n, places]) => n / 10 ** places);
  const steps = fc
    .tuple(fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }), fc.integer({ min: -2, max: 2 }))
    .map(([units, ulps]) => (units / 10_000) * (1 + ulps * Number.EPSILON));
  const special = fc.constantFrom(
    0,
    -0,
    0.1 + 0.2,
    1e9,
    -1e9,
    999_999_999.9999,
    0.00005,
    -0.00005,
    NaN,
    Infinity,
    1e300,
  );
  const isSame = (value: number): boolean => Object.is(unitsOfNumber(value), parseUnits(String(value)));
  fc.assert(fc.property(fc.oneof(around, steps, special, fc.double()), isSame), { numRuns: 20_000 });
});

describe("quantity times price", () => {
  const units = (text: string) => parseUnits(text) as number;

  test.each([
    ["6", "2.55", "15.3000"],
    ["0", "99999999999", "0.0000"],
    ["1.5", "0.0001", "0.0002"],
    ["0.5", "0.0001", "0.0001"],
    ["0.4999", "0.0001", "0.0000"],
    ["99999999999.9999", "1", "99999999999.9999"],
    ["12345678.9", "1234.5678", "15241577639.0794"],
    ["0.5", "987654321.0001", "493827160.5001"],
    ["0.0011", "90000000000.5909", "99000000.0006"],
  ])("%s × %s = %s", (quantity, price, total) => {
    expect(formatUnits(multiplyUnits(units(quantity), units(price)) as number)).toBe(total);
  });

  test.each([
    ["100000", "1000000"],
    ["99999999999.9999", "99999999999.9999"],
    ["1.0001", "99999999999"],
  ])("%s × %s is out of range", (quantity, price) => {
    expect(multiplyUnits(units(quantity), units(price))).toBe("out_of_range");
  });

  test("is exact for any two amounts, also where the product exceeds 2^53", () => {
    const amount = fc.oneof(fc.nat(MAX_UNITS - 1), fc.nat(200_000_000), fc.nat(20_000));
    const aroundSafeLimit = amount
      .filter((quantity) => quantity > 9_100)
      .chain((quantity) =>
        fc.tuple(
          fc.constant(quantity),
          fc.integer({ min: -3, max: 3 }).map((step) => Math.floor(2 ** 53 / quantity) + step),
        ),
      );
    fc.assert(
      fc.property(fc.oneof(fc.tuple(amount, amount), aroundSafeLimit), ([quantity, price]) => {
        const product = BigInt(quantity) * BigInt(price);
        const result = multiplyUnits(quantity, price);
        if (result === "out_of_range") {
          expect(2n * product >= (2n * BigInt(MAX_UNITS) - 1n) * 10_000n).toBe(true);
        } else {
          const error = BigInt(result) * 10_000n - product;
          expect(error > -5_000n && error <= 5_000n, `${quantity} × ${price} = ${result}`).toBe(true);
          expect(result).toBeLessThan(MAX_UNITS);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("writing an amount", () => {
  test.each([
    [0, "0.0000", "0"],
    [1, "0.0001", "0.0001"],
    [15_000, "1.5000", "1.5"],
    [60_000, "6.0000", "6"],
    [100_000, "10.0000", "10"],
    [-5, "-0.0005", "-0.0005"],
    [-35_000, "-3.5000", "-3.5"],
    [MAX_UNITS - 1, "99999999999.9999", "99999999999.9999"],
  ])("%i units are %s in full and %s in short", (units, full, short) => {
    expect([formatUnits(units), formatUnitsShort(units), formatUnitsShort(BigInt(units))]).toEqual([
      full,
      short,
      short,
    ]);
  });

  test("what was written is read back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 - MAX_UNITS, max: MAX_UNITS - 1 }), (units) => {
        expect(parseUnits(formatUnits(units))).toBe(units);
        expect(parseUnits(formatUnitsShort(units))).toBe(units);
      }),
    );
  });

  test.each([
    [0n, "0.00"],
    [49n, "0.00"],
    [50n, "0.01"],
    [153_000n, "15.30"],
    [153_049n, "15.30"],
    [153_050n, "15.31"],
    [99_999_950n, "10000.00"],
    [-49n, "0.00"],
    [-50n, "-0.01"],
    [-153_050n, "-15.31"],
    [2n ** 63n - 1n, "922337203685477.58"],
  ])("%i units are %s, rounded half up to cents", (units, text) => {
    expect(formatCents(units)).toBe(text);
  });
});
