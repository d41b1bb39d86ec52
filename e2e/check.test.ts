import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type Lake, temporaryLake } from "./support.ts";

/** A lake with some files of the generator, cleaned and in gold. */
async function smallLake(): Promise<Lake> {
  const lake = temporaryLake();
  for (const command of ["generate --ticks 2 --seed 5", "clean --once", "aggregate --once"])
    expect((await lake.ingot(command)).code).toBe(0);
  return lake;
}

/** Changes the first file of a layer that is of this dataset. */
function change(lake: Lake, layer: string, dataset: string, how: (text: string) => string | undefined): void {
  const file = lake.files(layer).find((name) => name.startsWith(`${dataset}/`))!;
  const target = path.join(lake.folder, layer, file);
  const text = how(readFileSync(target, "utf8"));
  if (text === undefined) rmSync(target);
  else writeFileSync(target, text);
}

const firstLine = (text: string): string => `${text.split("\n", 1)[0]}\n`;

describe("ingot check", () => {
  test("passes on a lake that is whole, changes nothing, and its results are JSON for scripts", async () => {
    const lake = await smallLake();
    const before = ["bronze", "silver", "quarantine", "gold"].map((layer) => lake.files(layer));
    const { code, stdout } = await lake.ingot("check --json");
    expect(code).toBe(0);
    const results = JSON.parse(stdout);
    expect(results.map(({ status }: { status: string }) => status)).toEqual(results.map(() => "pass"));
    const names = results.map(({ model, check }: Record<string, string>) => `${model} ${check}`);
    expect(names).toEqual(
      expect.arrayContaining([
        "orders not_null_order_id",
        "sales_by_day unique_order_date",
        "sales_by_day reconciles_with_silver",
        "clicks every_record_is_somewhere",
      ]),
    );
    expect(["bronze", "silver", "quarantine", "gold"].map((layer) => lake.files(layer))).toEqual(before);
  });

  test.each([
    [
      "a row of silver",
      "silver",
      "orders",
      firstLine,
      /every_record_is_somewhere of silver's orders: .* 1 files differ: orders\//,
    ],
    [
      "rejected records",
      "quarantine",
      "clicks",
      () => undefined,
      /every_record_is_somewhere of silver's clicks/,
    ],
    [
      "orders from silver that gold has",
      "silver",
      "orders",
      () => undefined,
      /reconciles_with_silver of gold's sales_by_day/,
    ],
  ])("notices that %s are gone", async (_, layer, dataset, how, message) => {
    const lake = await smallLake();
    change(lake, layer, dataset, how);
    const { code, stdout, stderr } = await lake.ingot("check");
    expect(`${stdout}${stderr}`).toMatch(message);
    expect(code).toBe(1);
  });

  test("without a warehouse says what to do", async () => {
    const { code, stderr } = await temporaryLake().ingot("check");
    expect(stderr).toContain("ingot aggregate --once");
    expect(code).toBe(1);
  });
});

describe("a check that fails", () => {
  test("keeps gold as it is, makes aggregate --once fail with all that one needs, and stands in status", async () => {
    const lake = await smallLake();
    const gold = lake.gold();
    const kpis = path.join(lake.folder, "kpis");
    mkdirSync(kpis);
    const declare = (values: string) =>
      writeFileSync(
        path.join(kpis, "orders.yml"),
        `columns:\n  - name: channel\n    tests:\n      - accepted_values: { values: [${values}] }\n`,
      );
    declare("web, mobile, store, unknown");
    await lake.ingot("aggregate --once --kpi-dir kpis");
    writeFileSync(
      path.join(lake.bronze, "orders_fax.json"),
      JSON.stringify([
        { order_id: "F1", quantity: 1, unit_price: 2, order_ts: "2026-01-01T10:00:00Z", channel: "fax" },
      ]),
    );
    await lake.ingot("clean --once");
    const { code, stderr } = await lake.ingot("aggregate --once --kpi-dir kpis");
    expect(code).toBe(1);
    expect(stderr).toContain("error: Check accepted_values_channel of silver's orders failed: 1 row failing");
    expect(stderr).toContain(
      'Expected: no failing rows. Found: 1 row failing. Query: select * from "orders" where',
    );
    expect(lake.gold()).toEqual(gold);
    expect((await lake.ingot("status")).stdout).toMatch(
      /Checks: \d+ passed, 0 warned, 1 failed\n {2}FAIL {2}accepted_values_channel of silver's orders: 1 row failing/,
    );
    declare("web, mobile, store, unknown, fax");
    expect((await lake.ingot("aggregate --once --kpi-dir kpis")).code).toBe(0);
    expect(lake.gold()).not.toEqual(gold);
  });
});
