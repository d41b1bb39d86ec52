import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createRuleContext } from "../../src/ecommerce/silver/rule-context.ts";
import {
  type CleanRecord,
  clean,
  DEFAULTS,
  type Fields,
  MISSING,
  outcomeOf,
  UNUSABLE_TEXTS,
} from "./clean.ts";

const RAW: Fields = {
  customer_id: "C-1",
  first_name: "Ana",
  last_name: "Lopez",
  email: "ana.lopez@example.com",
  country: "ES",
  signup_date: "2024-02-29",
};

const CLEAN: Fields = {
  customer_id: "C-1",
  email_h: "53fdd27c13c87b89",
  first_initial: "A",
  last_initial: "L",
  country: "ES",
  signup_date: "2024-02-29",
};

const customer = (changes: Fields, options: { emailHashKey?: string; businessTimezone?: string } = {}) =>
  clean("customers", { ...RAW, ...changes }, options);

test("a customer in order keeps an id, a hash, two initials, the country and the date", () => {
  expect(customer({})).toEqual(CLEAN);
});

describe("the e-mail's hash", () => {
  test("is SHA-256, 16 hex digits of it", () => {
    const expected = createHash("sha256").update("zoé@example.com").digest("hex").slice(0, 16);
    expect(customer({ email: "zoé@example.com" }).email_h).toBe(expected);
  });

  test("is keyed where there is a key", () => {
    expect(customer({}, { emailHashKey: "s3cret" }).email_h).toBe("5eab458e130607c0");
    const expected = createHmac("sha256", "clé").update("ana.lopez@example.com").digest("hex").slice(0, 16);
    expect(customer({}, { emailHashKey: "clé" }).email_h).toBe(expected);
  });

  test.each([" ana.lopez@example.com\n", "ANA.Lopez@Example.COM", "\u00a0Ana.Lopez@example.com\t"])(
    "is the same for %j",
    (email) => expect(customer({ email }).email_h).toBe(CLEAN.email_h),
  );

  test.each(MISSING)("is empty for an e-mail that is %s", (_what, email) => {
    for (const emailHashKey of [undefined, "s3cret"]) {
      expect(customer({ email }, emailHashKey === undefined ? {} : { emailHashKey })).toEqual({
        ...CLEAN,
        email_h: "",
      });
    }
  });
});

describe("an initial", () => {
  test.each([
    ["ana", "A"],
    ["  Ana", "A"],
    ["élodie", "É"],
    ["e\u0301lodie", "É"],
    ["øyvind", "Ø"],
    ["жанна", "Ж"],
    ["李", "李"],
    ["𐐨", "𐐀"],
    ["İbrahim", "İ"],
    ["o'Neil", "O"],
    [7, "7"],
  ])("of %j is %s", (name, initial) => {
    expect(customer({ first_name: name, last_name: name })).toEqual({
      ...CLEAN,
      first_initial: initial,
      last_initial: initial,
    });
  });

  test.each([...MISSING, ...UNUSABLE_TEXTS])("of a name that is %s is empty", (_what, name) => {
    expect(customer({ first_name: name })).toEqual({ ...CLEAN, first_initial: "" });
    expect(customer({ last_name: name })).toEqual({ ...CLEAN, last_initial: "" });
  });
});

describe("the country", () => {
  test.each(MISSING)("that is %s is NA", (_what, country) => {
    expect(customer({ country })).toEqual({ ...CLEAN, country: "NA" });
  });

  test.each([
    ["United Kingdom", "United Kingdom"],
    [" FR ", "FR"],
    ["NA", "NA"],
  ])("%j is %s", (country, expected) => {
    expect(customer({ country })).toMatchObject({ country: expected });
  });
});

describe("the signup date", () => {
  test.each([
    ["2024-02-29T22:30:00Z", "2024-02-29"],
    ["29/02/2024", "2024-02-29"],
    ["29-02-2024 10:00", "2024-02-29"],
    ["2024/02/29", "2024-02-29"],
    [1709200800, "2024-02-29"],
  ])("%j is %s", (signup_date, expected) => {
    expect(customer({ signup_date })).toMatchObject({ signup_date: expected });
  });

  test.each([
    ["2024-02-29", "2024-02-29"],
    ["2024-02-29T23:30:00Z", "2024-03-01"],
  ])("%j is %s in Paris", (signup_date, expected) => {
    expect(customer({ signup_date }, { businessTimezone: "Europe/Paris" })).toMatchObject({
      signup_date: expected,
    });
  });

  test.each<readonly [what: string, value: unknown]>([
    ...MISSING,
    ["32/13/2025", "32/13/2025"],
    ["2011-02-30", "2011-02-30"],
    ["no leap year", "2025-02-29"],
    ["nested", {}],
  ])("that is %s rejects the customer", (_what, signup_date) => {
    expect(customer({ signup_date })).toEqual({ reason: "invalid_signup_date" });
  });
});

describe("the customer's id", () => {
  test.each(MISSING)("that is %s rejects the customer", (_what, customer_id) => {
    expect(customer({ customer_id })).toEqual({ reason: "missing_customer_id" });
  });

  test.each([
    [" C-1 ", "C-1"],
    [17850, "17850"],
    ["017850", "017850"],
  ])("%j is %s", (customer_id, expected) => {
    expect(customer({ customer_id })).toMatchObject({ customer_id: expected });
  });

  test("alone says which records are the same: the one that stands later stays", () => {
    const context = createRuleContext(DEFAULTS);
    const early = outcomeOf("customers", { ...RAW, signup_date: "2001-01-01" }, context);
    const late = outcomeOf(
      "customers",
      { ...RAW, signup_date: "2025-01-01", email: "other@example.com" },
      context,
    );
    const { identity, version } = early as CleanRecord;
    expect(late).toMatchObject({ identity, version });
  });
});

test.each(["customer_id", "country"])("what cannot be stored in %s rejects the customer", (field) => {
  for (const [what, value] of UNUSABLE_TEXTS) {
    expect(customer({ [field]: value }), what).toEqual({ reason: "invalid_text" });
  }
});
