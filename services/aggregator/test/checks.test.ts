import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type AlarmEvent, createAlarms, systemClock } from "@ingot/common";
import { readChecks } from "@ingot/pipelines";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { recordingLogger } from "../../../packages/common/test/support/recorders.ts";
import { clockAt, Shop } from "./shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = new Shop();
  onTestFinished(() => shop.remove());
  await shop.put("orders", "1", [{ order_id: "O1", customer_id: "C1", channel: "web" }]);
  await shop.put("customers", "1", [{ customer_id: "C1" }]);
});

const declare = (file: string, text: string) => writeFileSync(path.join(shop.kpiFolder, file), text);
const found = async (model: string, check: string) =>
  (await readChecks(shop.gold)).find((line) => line.model === model && line.check === check);
const order = (name: string, values: Record<string, string | number>) =>
  shop.put("orders", name, [{ order_id: name, ...values }]);

/** Declared for orders or for a KPI, what makes it fail, and what its result then tells. */
const ERRORS: readonly [string, string, string, Record<string, string | number>, object][] = [
  [
    "not_null",
    "orders.yml",
    "columns: [{name: product, tests: [not_null]}]",
    { product: "" },
    { model: "orders", check: "not_null_product", failing_rows: "1" },
  ],
  [
    "accepted_values",
    "orders.yml",
    "columns: [{name: channel, tests: [accepted_values: {values: [web, store]}]}]",
    { channel: "fax" },
    { model: "orders", check: "accepted_values_channel", actual: "1 row failing" },
  ],
  [
    "unique",
    "orders.yml",
    "columns: [{name: product, data_tests: [unique]}]",
    { product: "lamp" },
    { model: "orders", check: "unique_product", query: expect.stringContaining("having count(*) > 1") },
  ],
  [
    "relationships",
    "orders.yml",
    "columns: [{name: customer_id, tests: [relationships: {to: ref('customers'), field: customer_id}]}]",
    { customer_id: "C9" },
    { model: "orders", check: "relationships_customer_id", failing_rows: "1" },
  ],
  [
    "row_count",
    "revenue_by_channel.yml",
    "tests: [row_count: {max: 1}]",
    { channel: "store" },
    { layer: "gold", model: "revenue_by_channel", expected: "at most 1 rows", actual: "2 rows" },
  ],
  [
    "freshness",
    "orders.yml",
    "tests: [freshness: {column: order_ts, max_age: 36500d}]",
    { product: "lamp" },
    { model: "orders", check: "freshness_order_ts", status: "pass" },
  ],
  [
    "sql",
    "sales_by_day.yml",
    "tests: [{name: small_days, sql: 'select * from {{ this }} where revenue > 500000 -- 50.00;'}]",
    { total_amount: 100 },
    { model: "sales_by_day", check: "small_days", actual: "1 row failing" },
  ],
];

describe("a check of severity error", () => {
  for (const [kind, file, text, bad, result] of ERRORS.filter(([kind]) => kind !== "freshness")) {
    test(`${kind}: keeps latest/ as it was, says what it found, and lets go when it passes`, async () => {
      declare(file, text);
      await shop.passOnce();
      const before = { ...(await shop.latest()), manifest: await shop.manifest() };
      expect(Object.keys(before)).toHaveLength(6);

      await order("bad", bad);
      const report = await shop.passOnce();
      expect(report).toMatchObject({ published: 0, objects: 1, failures: [] });
      expect({ ...(await shop.latest()), manifest: await shop.manifest() }).toEqual(before);
      const { model, check = kind } = result as Record<string, string>;
      expect(await found(model!, check)).toMatchObject({ ...result, status: "fail", severity: "error" });
      expect(report.blocked?.message).toContain(`Check ${check} of`);
      expect(report.blocked?.message).toMatch(/Expected: .* Found: .* Query: /);

      rmSync(path.join(shop.folder, "silver", `dt=2024-03-01/orders_clean_bad.csv`));
      await order("bad", { product: "other", customer_id: "C1", total_amount: 1 });
      const mended = await shop.passOnce();
      expect(mended.blocked).toBeUndefined();
      expect(mended.published).toBeGreaterThan(0);
      expect(await found(model!, check)).toMatchObject({ status: "pass" });
    });
  }

  test("freshness: an old newest order stops, a new one lets go", async () => {
    declare("orders.yml", "tests: [freshness: {column: order_ts, max_age: 2d}]");
    const late = await shop.passOnce({ clock: clockAt("2024-03-05T00:00:00Z") });
    expect(late.blocked?.message).toContain("2024-03-01T10:00:00.000000Z, 3 d old");
    expect(await shop.latest()).toEqual({});
    await order("O2", { order_ts: "2024-03-04T10:00:00.000000Z" });
    expect(await shop.passOnce({ clock: clockAt("2024-03-05T00:00:00Z") })).toMatchObject({ published: 5 });
  });

  test("that cannot be run stops as well, and the others are run nevertheless", async () => {
    declare(
      "sales_by_day.yml",
      "tests: [{name: typo, sql: select * frm x}, {name: fine, sql: select 1 where false}]",
    );
    const report = await shop.passOnce();
    expect(report.blocked?.message).toContain("Check typo of gold's sales_by_day cannot be run");
    expect(await found("sales_by_day", "typo")).toMatchObject({ status: "broken", failing_rows: "" });
    expect(await found("sales_by_day", "fine")).toMatchObject({ status: "pass" });
  });

  test.each([
    ["a column that is not there", "columns: [{name: chanel, tests: [not_null]}]", "chanel"],
    ["a test that nobody knows", "columns: [{name: channel, tests: [nonull]}]", '"nonull" is none of'],
    ["what is no YAML", "columns: [", "line 1"],
    ["a wrong severity", "tests: [row_count: {min: 1, severity: fatal}]", "neither warn nor error"],
  ])("of silver with %s stops, and names it", async (_, text, message) => {
    declare("orders.yml", text);
    const report = await shop.passOnce();
    expect(report.blocked?.message).toContain(message);
    expect(await shop.latest()).toEqual({});
  });
});

test("a check of severity warn is told and stops nothing", async () => {
  declare(
    "orders.yml",
    "columns: [{name: channel, tests: [accepted_values: {values: [store], severity: warn}]}]",
  );
  expect(await shop.passOnce()).toMatchObject({ published: 5, blocked: undefined });
  expect(await found("orders", "accepted_values_channel")).toMatchObject({
    status: "fail",
    severity: "warn",
  });
});

test("a KPI of one's own brings its own checks; checks of a built-in one are added, or replaced by name", async () => {
  writeFileSync(path.join(shop.kpiFolder, "days.sql"), "select order_date from sales_by_day");
  declare("days.yml", "columns: [{name: order_date, tests: [unique]}]");
  declare("sales_by_day.yml", "columns: [{name: order_date, tests: [not_null: {severity: warn}]}]");
  await shop.passOnce();
  expect(await found("days", "unique_order_date")).toMatchObject({ status: "pass" });
  expect(await found("sales_by_day", "not_null_order_date")).toMatchObject({ severity: "warn" });
  expect(await found("sales_by_day", "unique_order_date")).toMatchObject({ severity: "error" });
});

test("clicks are checked as orders are", async () => {
  declare(
    "clicks.yml",
    "columns: [{name: customer_id, tests: [not_null]}, {name: page, tests: [not_null]}]\ntests: [row_count: {min: 2}]",
  );
  await shop.put("clicks", "1", [{ customer_id: "C1" }]);
  expect((await shop.passOnce()).blocked?.message).toContain(
    "Check row_count of silver's clicks failed: 1 row.",
  );
  await shop.put("clicks", "2", [{ customer_id: "C2" }]);
  expect(await shop.passOnce()).toMatchObject({ published: 5 });
  await shop.put("clicks", "3", [{ customer_id: "" }]);
  expect((await shop.passOnce()).blocked?.message).toContain("not_null_customer_id of silver's clicks");
  expect(await found("clicks", "not_null_page")).toMatchObject({ status: "pass" });
});

test("checks for what does not exist are an error that keeps nothing back", async () => {
  declare("visits.yml", "tests: [row_count: {min: 1}]");
  const { failures, published } = await shop.passOnce();
  expect(failures).toMatchObject([{ key: "visits", error: { code: "check_failed" } }]);
  expect(published).toBe(5);
});

test("every run that found something else, or checked other figures, is kept; one that did not is not", async () => {
  const runs = () => shop.versions("_quality/checks");
  await shop.passOnce();
  await shop.passOnce();
  expect(await runs()).toHaveLength(1);
  await order("O2", {});
  await shop.passOnce();
  expect(await runs()).toHaveLength(2);
  const { sha256 } = (await shop.manifest()).kpis.sales_by_day!;
  expect(await found("sales_by_day", "unique_order_date")).toMatchObject({ kpi_sha256: sha256 });
  await order("O3", {});
  await shop.passOnce({ goldHistory: 2 });
  expect(await runs()).toHaveLength(2);
});

const PATIENT = { timeout: 10_000 };

test("a service that waits for no long check publishes, and tells of it when it is done", async () => {
  declare("orders.yml", "tests: [{name: none, sql: select * from orders, severity: warn}]");
  const aggregator = await shop.aggregator({ isThorough: false });
  onTestFinished(aggregator.close);
  const { signal } = new AbortController();
  expect(await aggregator.pass(signal)).toMatchObject({ published: 5 });
  expect(await found("orders", "none")).toBeUndefined();
  await expect
    .poll(async () => {
      await aggregator.pass(signal);
      return found("orders", "none");
    }, PATIENT)
    .toMatchObject({ status: "fail", failing_rows: "1" });
});

describe("alarms", () => {
  const start = async () => {
    const sent: string[] = [];
    const send = async ({ state, id }: AlarmEvent) => sent.push(`${state} ${id}`) > 0;
    const sinks = [{ send, close: async () => undefined }];
    const { logger } = recordingLogger();
    const alarms = createAlarms("aggregator", { logger, clock: systemClock, quietMs: 60_000, sinks });
    const aggregator = await shop.aggregator({ alarms });
    onTestFinished(aggregator.close);
    return { sent, pass: () => aggregator.pass(new AbortController().signal) };
  };
  const put = (name: string, read: number, rejected: number) => {
    const metadata = { read: String(read), kept: String(read - rejected), rejected: String(rejected) };
    return shop.silver.write(
      `dt=2024-03-01/clicks_clean_${name}.csv`,
      Buffer.from(`customer_id,page,ts\n${"C1,/,2024-03-01T10:00:00.000000Z\n".repeat(read - rejected)}`),
      { metadata: { ...metadata, duplicates: "0" } },
    );
  };

  test("begin and end with the check that they are about", async () => {
    declare("orders.yml", "columns: [{name: channel, tests: [accepted_values: {values: [web]}]}]");
    const { sent, pass } = await start();
    await pass();
    expect(sent).toEqual([]);
    await order("O2", { channel: "fax" });
    await pass();
    await pass();
    expect(sent).toEqual(["raised check/orders/accepted_values_channel"]);
    declare("orders.yml", "columns: [{name: channel, tests: [accepted_values: {values: [web, fax]}]}]");
    await pass();
    expect(sent.at(-1)).toBe("over check/orders/accepted_values_channel");
  });

  test("tell when more is rejected than usual, not when it is the usual share", async () => {
    for (let index = 0; index < 20; index += 1) await put(`usual${index}`, 200, 6);
    const { sent, pass } = await start();
    await pass();
    for (let index = 0; index < 5; index += 1) {
      await put(`more${index}`, 200, 6 + (index % 3));
      await pass();
    }
    expect(sent).toEqual([]);
    for (let index = 0; index < 5; index += 1) await put(`bad${index}`, 200, 30);
    await pass();
    expect(sent).toEqual(["raised check/clicks/reject_rate"]);
    for (let index = 0; index < 10; index += 1) await put(`good${index}`, 200, 6);
    await pass();
    expect(sent.at(-1)).toBe("over check/clicks/reject_rate");
  });

  test("name one file of which most is rejected", async () => {
    for (let index = 0; index < 20; index += 1) await put(`usual${index}`, 200, 6);
    const { sent, pass } = await start();
    await pass();
    await put("broken", 40, 40);
    await pass();
    expect(sent).toEqual(["raised check/clicks/reject_rate"]);
    expect((await found("clicks", "reject_rate"))?.actual).toContain(
      "of 40 records in dt=2024-03-01/clicks_broken.txt",
    );
  });

  test("tell of records that are nowhere", async () => {
    const { sent, pass } = await start();
    await put("lost", 10, 2);
    await shop.silver.write("dt=2024-03-01/clicks_clean_gone.csv", Buffer.from("customer_id,page,ts\n"), {
      metadata: { read: "5", kept: "3", rejected: "1", duplicates: "0" },
    });
    await pass();
    expect(sent.sort()).toEqual([
      "raised check/objects/records_read_are_kept_rejected_or_duplicates",
      "raised check/objects/rows_are_the_records_kept",
    ]);
  });
});
