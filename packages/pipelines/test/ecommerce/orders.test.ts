import { describe, expect, test } from "vitest";
import { createRuleContext } from "../../src/ecommerce/silver/rule-context.ts";
import { clean, DEFAULTS, type Fields, MISSING, outcomeOf, UNUSABLE_TEXTS } from "./clean.ts";

const RAW: Fields = {
  order_id: "O-1",
  customer_id: "C-1",
  product: "Mug",
  quantity: 6,
  unit_price: 2.55,
  total_amount: 15.3,
  order_ts: "2025-01-02T03:04:05Z",
  channel: "web",
};

const CLEAN: Fields = {
  order_id: "O-1",
  customer_id: "C-1",
  product: "Mug",
  quantity: "6",
  unit_price: "2.5500",
  total_amount: "15.3000",
  order_ts: "2025-01-02T03:04:05.000000Z",
  order_date: "2025-01-02",
  channel: "web",
};

const order = (changes: Fields, businessTimezone = "UTC") =>
  clean("orders", { ...RAW, ...changes }, { businessTimezone });
const SIXTY_DIGITS = "123456789012345678901234567890123456789012345678901234567890";

test("an order in order keeps what it says", () => {
  expect(order({})).toEqual(CLEAN);
});

test("a field that the contract does not know is left out", () => {
  expect(order({ email: "ana@example.com" })).toEqual(CLEAN);
});

describe("numbers", () => {
  test.each([
    ["texts", { quantity: "6", unit_price: " 2.55 ", total_amount: "15.30" }, {}],
    ["exponents", { quantity: "6e0", unit_price: "255e-2", total_amount: 1.53e1 }, {}],
    ["a fraction of a piece", { quantity: 1.5 }, { quantity: "1.5" }],
    ["a price of 60 digits", { unit_price: `2.55${"0".repeat(57)}1` }, {}],
    ["a price is kept to four places, half up", { unit_price: "2.55005" }, { unit_price: "2.5501" }],
    ["a total is kept to four places, half up", { total_amount: "15.30004999" }, {}],
    ["a negative quantity is 0", { quantity: -6 }, { quantity: "0" }],
    ["a negative quantity as text is 0", { quantity: "-0.5" }, { quantity: "0" }],
    ["a huge negative quantity is 0", { quantity: `-${SIXTY_DIGITS}` }, { quantity: "0" }],
    ["a negative price is 0", { unit_price: -2.55 }, { unit_price: "0.0000" }],
    ["a quantity that is no number is empty", { quantity: "six" }, { quantity: "" }],
    ["a quantity that is missing is empty", { quantity: null }, { quantity: "" }],
    ["a price that is no number is empty", { unit_price: "£2.55" }, { unit_price: "" }],
    ["a truth value is no number", { quantity: true }, { quantity: "" }],
    ["a nested value is no number", { unit_price: { amount: 2.55 } }, { unit_price: "" }],
  ])("%s", (_what, changes, expected) => {
    expect(order(changes)).toEqual({ ...CLEAN, ...expected });
  });

  test.each([
    ["quantity", SIXTY_DIGITS],
    ["unit_price", "1e11"],
    ["total_amount", 100_000_000_000],
    ["total_amount", "1e99999999999"],
  ])("%s of %s is out of range", (field, value) => {
    expect(order({ [field]: value })).toEqual({ reason: "number_out_of_range" });
  });

  test("a product of both that is out of range", () => {
    const changes = { quantity: 99_999_999_999, unit_price: 2, total_amount: null };
    expect(order(changes)).toEqual({ reason: "number_out_of_range" });
  });
});

describe("the total", () => {
  test.each([
    ["that differs is kept", { total_amount: 12 }, "12.0000"],
    ["of zero is kept", { total_amount: 0 }, "0.0000"],
    ["of minus zero is kept", { total_amount: "-0.00" }, "0.0000"],
    ["is kept beside a negative quantity", { quantity: -6 }, "15.3000"],
    ["is kept where quantity and price are missing", { quantity: "", unit_price: undefined }, "15.3000"],
  ])("%s", (_what, changes, total) => {
    expect(order(changes)).toMatchObject({ total_amount: total });
  });

  test.each<readonly [what: string, value: unknown]>([
    ...MISSING,
    ["no number", "n/a"],
    ["NaN", "NaN"],
    ["a truth value", true],
    ["nested", { amount: 12 }],
    ["negative", -15.3],
    ["negative as text", "-0.01"],
    ["hardly negative", -1e-17],
    ["hugely negative", `-${SIXTY_DIGITS}`],
  ])("that is %s is quantity × price", (_what, total_amount) => {
    expect(order({ total_amount })).toEqual(CLEAN);
  });

  test.each([
    ["a negative quantity", { quantity: -6 }, "0.0000"],
    ["a negative price", { unit_price: -2.55 }, "0.0000"],
    ["texts", { quantity: "3", unit_price: "0.3333" }, "0.9999"],
    ["rounded figures", { quantity: "1.00005", unit_price: "2.00005" }, "2.0003"],
    ["fractions, half up", { quantity: "0.5", unit_price: "0.0001" }, "0.0001"],
    ["figures beyond doubles", { quantity: 90_071_992, unit_price: "999.9999" }, "90071982992.8008"],
  ])("is computed from cleaned values: %s", (_what, changes, total) => {
    expect(order({ total_amount: null, ...changes })).toMatchObject({ total_amount: total });
  });

  test.each([
    ["quantity is missing", { quantity: undefined }],
    ["quantity is no number", { quantity: "six" }],
    ["price is missing", { unit_price: "" }],
    ["price is no number", { unit_price: "free" }],
  ])("cannot be computed where the %s", (_what, changes) => {
    expect(order({ total_amount: -1, ...changes })).toEqual({ reason: "uncomputable_total" });
  });
});

describe("the order's id", () => {
  test.each(MISSING)("that is %s rejects the order", (_what, order_id) => {
    expect(order({ order_id })).toEqual({ reason: "missing_order_id" });
  });

  test.each([
    [" O-1\t", "O-1"],
    [1001, "1001"],
    ["0042", "0042"],
    ["9007199254740993", "9007199254740993"],
    ["Bestellung № 7", "Bestellung № 7"],
  ])("%j is %s", (order_id, expected) => {
    expect(order({ order_id })).toMatchObject({ order_id: expected });
  });
});

describe("the time", () => {
  test.each<readonly [what: string, value: unknown]>([
    ...MISSING,
    ["no date", "soon"],
    ["no real date", "2011-02-30"],
    ["32/13/2025", "32/13/2025"],
  ])("that is %s rejects the order", (_what, order_ts) =>
    expect(order({ order_ts })).toEqual({ reason: "invalid_order_ts" }),
  );

  test.each([
    ["2025-01-02T23:30:00-05:00", "2025-01-03T04:30:00.000000Z", "2025-01-03"],
    ["02/01/2025 23:30", "2025-01-02T22:30:00.000000Z", "2025-01-02"],
    ["2025-07-01T22:30:00Z", "2025-07-01T22:30:00.000000Z", "2025-07-02"],
    [1735770600, "2025-01-01T22:30:00.000000Z", "2025-01-01"],
  ])("%j is stored in UTC, with its date in the business time zone", (order_ts, utc, date) => {
    expect(order({ order_ts }, "Europe/Paris")).toMatchObject({ order_ts: utc, order_date: date });
  });
});

describe("texts", () => {
  test.each(MISSING)("a channel that is %s is unknown", (_what, channel) => {
    expect(order({ channel })).toMatchObject({ channel: "unknown" });
  });

  test.each(["marketplace", "web", "Télé-achat"])("the channel %s is kept", (channel) => {
    expect(order({ channel: ` ${channel} ` })).toMatchObject({ channel });
  });

  test.each(['  MUG, "BIG" ', "Tasse\nrouge", "mug", ""])("the product %j is kept as it is", (product) => {
    expect(order({ product })).toMatchObject({ product });
  });

  test.each(MISSING.slice(0, 3))("an order whose customer is %s stays, without one", (_what, customer_id) => {
    expect(order({ customer_id })).toEqual({ ...CLEAN, customer_id: "" });
  });

  test.each(["order_id", "customer_id", "product", "channel"])("in %s, what cannot be stored", (field) => {
    for (const [what, value] of UNUSABLE_TEXTS) {
      expect(order({ [field]: value }), what).toEqual({ reason: "invalid_text" });
    }
  });
});

describe("of several versions", () => {
  const outcome = (changes: Fields, businessTimezone = "UTC") => {
    const result = outcomeOf(
      "orders",
      { ...RAW, ...changes },
      createRuleContext({ ...DEFAULTS, businessTimezone }),
    );
    if ("reason" in result) throw new Error(result.reason);
    return result;
  };

  test("the order's cleaned id says that they are the same", () => {
    expect(outcome({ order_id: " 7 " }).identity).toBe(outcome({ order_id: 7 }).identity);
  });

  test("the instant says which is the greatest, whatever its format and zone", () => {
    const ascending = [
      "2025-01-02T10:00:00+02:00",
      "02/01/2025 08:30",
      1735808400.5,
      "2025/01/02 04:01:00-05:00",
      "1735808460001",
    ].map((order_ts) => outcome({ order_ts }).version);
    expect(ascending.toSorted()).toEqual(ascending);
    expect(new Set(ascending).size).toBe(ascending.length);
  });
});
