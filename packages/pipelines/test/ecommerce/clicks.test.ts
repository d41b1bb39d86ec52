import { describe, expect, test } from "vitest";
import { createRuleContext } from "../../src/ecommerce/silver/rule-context.ts";
import { clean, DEFAULTS, type Fields, MISSING, outcomeOf, UNUSABLE_TEXTS } from "./clean.ts";

const RAW: Fields = { customer_id: "C-1", page: "/mugs?id=7", ip: "192.0.2.17", ts: "2025-01-02T03:04:05Z" };
const CLEAN: Fields = { customer_id: "C-1", page: "/mugs?id=7", ts: "2025-01-02T03:04:05.000000Z" };

const click = (changes: Fields, businessTimezone = "UTC") =>
  clean("clicks", { ...RAW, ...changes }, { businessTimezone });

test("a click in order keeps everything but its address", () => {
  expect(click({})).toEqual(CLEAN);
});

describe("the address", () => {
  test.each(["0.0.0.0", "255.255.255.255", " 10.0.0.1 "])("%j is valid", (ip) => {
    expect(click({ ip })).toEqual(CLEAN);
  });

  test.each([
    ...[...MISSING, ...UNUSABLE_TEXTS].map(([, value]) => value),
    "999.999.999.999",
    "256.0.0.1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.4:80",
    "01.2.3.4",
    "1.2.3.-4",
    "1.2.3.4/24",
    "::1",
    "::ffff:1.2.3.4",
    "localhost",
    3232235777,
  ])("%j is not", (ip) => {
    expect(click({ ip })).toEqual({ reason: "invalid_ip" });
  });
});

describe("the time", () => {
  test.each([
    ["2025-01-02T03:04:05.5+02:00", "2025-01-02T01:04:05.500000Z"],
    ["02/01/2025 03:04:05", "2025-01-02T02:04:05.000000Z"],
    [1735787045, "2025-01-02T03:04:05.000000Z"],
  ])("%j is stored in UTC", (ts, expected) => {
    expect(click({ ts }, "Europe/Paris")).toEqual({ ...CLEAN, ts: expected });
  });

  test.each([...MISSING.map(([, value]) => value), "2011-02-30", "32/13/2025", "now", {}])(
    "%j rejects the click",
    (ts) => expect(click({ ts })).toEqual({ reason: "invalid_ts" }),
  );
});

describe("texts", () => {
  test.each([
    ["an unknown visitor", { customer_id: null }, { customer_id: "" }],
    ["a padded id", { customer_id: " C-1 " }, {}],
    ["a numeric id", { customer_id: 17850 }, { customer_id: "17850" }],
    ["no page", { page: undefined }, { page: "" }],
    ["a page with blanks", { page: " /a b " }, { page: " /a b " }],
  ])("%s is kept", (_what, changes, expected) => {
    expect(click(changes)).toEqual({ ...CLEAN, ...expected });
  });

  test.each(["customer_id", "page"])("in %s, what cannot be stored", (field) => {
    for (const [what, value] of UNUSABLE_TEXTS) {
      expect(click({ [field]: value }), what).toEqual({ reason: "invalid_text" });
    }
  });
});

test("every click counts, also one that comes twice", () => {
  expect(outcomeOf("clicks", RAW, createRuleContext(DEFAULTS))).toMatchObject({ identity: undefined });
});
