import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DATASETS, type DatasetName } from "../../src/ecommerce/datasets.ts";
import { createRuleContext } from "../../src/ecommerce/silver/rule-context.ts";
import { DEFAULTS, outcomeOf } from "./clean.ts";

/** Raw values as they come from JSON and CSV, more often than not good ones. */
const value = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("C-1", "6", "2.55", "-3", "2025-01-02", "1.2.3.4", "web", 7, -1.5),
  },
  fc.string({ unit: "binary" }),
  fc.constantFrom("a\ud800", "\0", "1e400", "NaN", undefined, null, true, ""),
  fc.double(),
  fc.jsonValue({ maxDepth: 2 }),
);
const recordOf = (name: DatasetName) =>
  fc.record(Object.fromEntries(DATASETS[name].bronzeFields.map((field) => [field, value])));

describe.each(Object.keys(DATASETS) as DatasetName[])("any record of %s", (name) => {
  const context = createRuleContext({ ...DEFAULTS, businessTimezone: "America/St_Johns" });

  test("is kept whole, as texts that every store keeps, or has a reason", () => {
    fc.assert(
      fc.property(recordOf(name), (fields) => {
        const outcome = outcomeOf(name, fields, context);
        if ("reason" in outcome) {
          expect(outcome.reason).toMatch(/^[a-z_]+$/);
          return;
        }
        expect(outcome.values).toHaveLength(DATASETS[name].silverColumns.length);
        for (const text of outcome.values) expect(text.isWellFormed() && !text.includes("\0")).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("gives the same each time, and is left as it was", () => {
    fc.assert(
      fc.property(recordOf(name), (fields) => {
        const before = structuredClone(fields);
        expect(outcomeOf(name, fields, context)).toEqual(outcomeOf(name, before, context));
        expect(fields).toEqual(before);
      }),
    );
  });
});

test("no order has a negative figure", () => {
  const figure = fc.oneof(fc.double(), fc.integer(), fc.constantFrom("-0.00001", "-1e-300", "-1e300", null));
  fc.assert(
    fc.property(figure, figure, figure, (quantity, unit_price, total_amount) => {
      const fields = { order_id: "1", order_ts: "2025-01-02", quantity, unit_price, total_amount };
      const outcome = outcomeOf("orders", fields, createRuleContext(DEFAULTS));
      if ("values" in outcome) expect(outcome.values.slice(3, 6).join()).not.toContain("-");
    }),
    { numRuns: 500 },
  );
});

test("names, e-mails and addresses never leave bronze", () => {
  const secret = fc.string({ unit: fc.constantFrom(..."qwxyzQWXYZ@"), minLength: 5, maxLength: 20 });
  fc.assert(
    fc.property(secret, fc.ipV4(), (text, ip) => {
      const context = createRuleContext(DEFAULTS);
      const person = {
        customer_id: "1",
        first_name: text,
        last_name: text,
        email: text,
        signup_date: "2025-01-02",
      };
      const visit = { customer_id: "1", page: "/", ip, ts: "2025-01-02" };
      const customers = JSON.stringify(outcomeOf("customers", person, context));
      const clicks = JSON.stringify(outcomeOf("clicks", visit, context));
      expect([customers, clicks].join().toLowerCase()).not.toContain(text.toLowerCase());
      expect(clicks).not.toContain(ip);
    }),
  );
});
