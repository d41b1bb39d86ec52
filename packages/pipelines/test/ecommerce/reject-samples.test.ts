import { Cells } from "@ingot/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../../common/test/support/runs.ts";
import {
  type RejectSamples,
  samplesFromMetadata,
  samplesToMetadata,
} from "../../src/ecommerce/reject-samples.ts";
import {
  createRuleContext,
  DATASETS,
  type DatasetName,
  ECOMMERCE,
  type RejectSample,
  SilverRows,
  sampleOf,
} from "../../src/ecommerce/silver/index.ts";
import { DEFAULTS } from "./clean.ts";

const context = createRuleContext(DEFAULTS);

/** What is told of a record that its rule rejects. */
function told(
  dataset: DatasetName,
  fields: Record<string, unknown>,
): (RejectSample & { reason: string }) | undefined {
  const { bronzeFields } = DATASETS[dataset];
  const cells = new Cells(bronzeFields.length);
  cells.set(bronzeFields.map((name) => fields[name]));
  const reason = ECOMMERCE.sources[dataset].rule(cells, new SilverRows(), context);
  return reason && { reason, ...sampleOf(dataset, reason, cells) };
}

const order = { order_id: "O1", customer_id: "C1", order_ts: "2026-01-02", total_amount: "1" };
const customer = { customer_id: "C1", signup_date: "2026-01-02" };
const click = { customer_id: "C1", page: "/", ip: "1.2.3.4", ts: "2026-01-02" };

describe("what is told of a rejected record", () => {
  test.each<[what: string, DatasetName, Record<string, unknown>, RejectSample]>([
    [
      "a date that no calendar has",
      "customers",
      { ...customer, signup_date: "32/13/2025" },
      { field: "signup_date", value: "32/13/2025" },
    ],
    [
      "an instant that is none",
      "orders",
      { ...order, order_ts: " 2026-02-30T10:00:00Z " },
      { field: "order_ts", value: "2026-02-30T10:00:00Z" },
    ],
    ["a click's", "clicks", { ...click, ts: "2026-13-01 10:00" }, { field: "ts", value: "2026-13-01 10:00" }],
    [
      "text for a date",
      "orders",
      { ...order, order_ts: "next Monday" },
      { field: "order_ts", value: "aaaa aaaaaa" },
    ],
    ["no date", "orders", { ...order, order_ts: null }, { field: "order_ts" }],
    [
      "a total that is none",
      "orders",
      { ...order, total_amount: "-5,00" },
      { field: "total_amount", value: "-5,00" },
    ],
    [
      "a total in words",
      "orders",
      { ...order, total_amount: "12 €" },
      { field: "total_amount", value: "99 ?" },
    ],
    [
      "a number that is too great",
      "orders",
      { ...order, quantity: 123456789012 },
      { field: "quantity", value: "999999999999" },
    ],
    ["an address", "clicks", { ...click, ip: "256.17.8.1" }, { field: "ip", value: "999.99.9.9" }],
    ["an address that looks like its mask", "clicks", { ...click, ip: "999.999.999.999" }, { field: "ip" }],
    ["no id", "customers", { ...customer, customer_id: " " }, { field: "customer_id" }],
    ["a nested value", "customers", { ...customer, country: { name: "Ann" } }, { field: "country" }],
    [
      "an address of electronic mail",
      "customers",
      { ...customer, signup_date: "Zoë.Bell@x-1.org" },
      { field: "signup_date", value: "aaa.aaaa@a-9.aaa" },
    ],
    [
      "an IP address among the dates",
      "orders",
      { ...order, order_ts: "192.168.1.17" },
      { field: "order_ts", value: "999.999.9.99" },
    ],
    ["an id among them", "orders", { ...order, order_ts: "17850" }, { field: "order_ts", value: "99999" }],
    [
      "a number of an insurance",
      "customers",
      { ...customer, signup_date: "123-45-6789" },
      { field: "signup_date", value: "999-99-9999" },
    ],
    [
      "a number to be called",
      "customers",
      { ...customer, signup_date: "06 12 34 56 78" },
      { field: "signup_date", value: "99 99 99 99 99" },
    ],
    [
      "a long text",
      "orders",
      { ...order, order_ts: "é".repeat(3000) },
      { field: "order_ts", value: `${"a".repeat(37)}...` },
    ],
  ])("%s", (_what, dataset, fields, expected) => {
    const { reason, ...sample } = told(dataset, fields)!;
    expect(reason).toMatch(/^[a-z_]+$/);
    expect(sample).toEqual(expected);
  });
});

const digits = (least: number, most = least) =>
  fc.string({ unit: fc.constantFrom(..."012345678"), minLength: least, maxLength: most });
const name = fc.string({ unit: fc.constantFrom(..."BCDeéiouñ李"), minLength: 2, maxLength: 12 });
const joined = (separator: string, ...parts: fc.Arbitrary<string>[]) =>
  fc.tuple(...parts).map((texts) => texts.join(separator));
/** What says who somebody is, in some of the forms that it has. None of them is a date. */
const personal = fc.oneof(
  name,
  joined(" ", name, name),
  fc.emailAddress().filter((text) => /[b-z]/i.test(text)),
  fc.ipV4().filter((text) => /[1-8]/.test(text)),
  fc.ipV6().filter((text) => /[1-8b-f]/i.test(text)),
  digits(5, 16),
  digits(5, 10).map(Number),
  joined("-", digits(4), digits(4), digits(4), digits(4)),
  joined("-", digits(3), digits(2), digits(4)),
  joined("-", digits(3), digits(3), digits(4)),
  ...[" ", ".", "-", "/"].map((separator) =>
    joined(separator, digits(2), digits(2), digits(2), digits(2), digits(2)),
  ),
  joined(" ", fc.constant("+49"), digits(3), digits(7)),
  digits(6).map((text) => `C-${text}`),
  digits(6).map((text) => `-${text}`),
  fc.uuid().filter((text) => /[1-8b-f]/.test(text)),
);

test("no word and no number of a personal value is told, in whatever field it stands", () => {
  const datasets = fc.constantFrom(...(Object.keys(DATASETS) as DatasetName[]));
  let rejected = 0;
  fc.assert(
    fc.property(
      datasets,
      fc.array(fc.option(personal), { minLength: 8, maxLength: 8 }),
      (dataset, values) => {
        const fields = Object.fromEntries(
          DATASETS[dataset].bronzeFields.map((field, at) => [field, values[at]]),
        );
        const sample = told(dataset, fields);
        if (!sample) return;
        rejected += 1;
        const samples = { [sample.reason]: { ...sample, place: { line: 7 } } };
        const metadata = Object.values(samplesToMetadata(samples, {})).join();
        const ofNoOne = metadata.replace(/^[a-z_]+\*l7\*[a-z_]*\*/, "");
        const words = values.flatMap((value) => String(value ?? "").split(/[^\p{L}\p{M}\p{N}]+/u));
        for (const word of words) if (/[^a9]/.test(word)) expect(ofNoOne).not.toContain(word);
        expect(ofNoOne).toMatch(/^[a9\x20-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]*$/);
      },
    ),
    { numRuns: runs(2_000) },
  );
  expect(rejected).toBeGreaterThan(500);
});

describe("samples as metadata", () => {
  const text = fc
    .string({ unit: "grapheme-ascii", maxLength: 40 })
    .map((value) => value.replaceAll("~", "-"));
  const sample = fc.record(
    {
      place: fc.oneof(fc.record({ line: fc.nat() }), fc.record({ index: fc.nat() })),
      field: fc.constantFrom("order_ts", "ip"),
      value: text.filter((value) => value !== ""),
    },
    { requiredKeys: ["place"] },
  );
  const reasons = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9_]{2,18}$/), {
    minLength: 1,
    maxLength: 14,
  });

  test("are read as they were written, as many as there is room for", () => {
    fc.assert(
      fc.property(
        reasons,
        fc.array(sample, { minLength: 14, maxLength: 14 }),
        fc.nat(1800),
        (names, all, used) => {
          const samples = Object.fromEntries(names.map((reason, at) => [reason, all[at]!])) as RejectSamples;
          const rest = { source_key: "x".repeat(used) };
          const metadata = samplesToMetadata(samples, rest);
          const read = samplesFromMetadata(metadata);
          expect(samples).toMatchObject(read);
          const bytes = Object.entries(metadata).join().length;
          const sent = Object.entries(metadata).reduce(
            (sum, [key, value]) => sum + key.length + encodeURIComponent(value).length,
            0,
          );
          expect(bytes).toBeLessThanOrEqual(600);
          expect(sent).toBeLessThanOrEqual(600);
          expect(sent + used).toBeLessThanOrEqual(2000);
        },
      ),
    );
  });

  test("of anybody are no error", () => {
    for (const samples of ["", "~", "a*l*", "{}", "x*l1", "__proto__*l1*a*b~", "é*l1**~", "ok*i3**v*w~x"]) {
      expect(Object.values(samplesFromMetadata({ samples })).every(({ place }) => place !== undefined)).toBe(
        true,
      );
    }
    expect(samplesFromMetadata({ samples: "ok*i3**v*w~x" })).toEqual({
      ok: { place: { index: 3 }, value: "v*w" },
    });
    expect(samplesFromMetadata({})).toEqual({});
    expect(samplesToMetadata({}, {})).toEqual({});
  });
});
