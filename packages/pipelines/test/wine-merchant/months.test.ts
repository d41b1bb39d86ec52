import { describe, expect, test } from "vitest";
import type { MadeCell } from "../../../engine/test/batch/make-workbook.ts";
import { writtenKey } from "../../src/values/written-key.ts";
import { monthOf } from "../../src/wine-merchant/month.ts";
import { type Lists, listsOf, openMerchant, statuses } from "./merchant.ts";

const WINES = [
  { id: 1, price: 10, sales: 3 },
  { id: 2, price: "12,50 €", sales: 4 },
  { id: 3, price: "8.80", sales: 0 },
];

describe("a month", () => {
  test("is published beside the earlier ones, and the newest is `latest`", async () => {
    await using merchant = await openMerchant();
    await merchant.putMonth("2026-09", listsOf(WINES));
    expect(await merchant.run()).toMatchObject({ record: { status: "published", months: ["2026-09"] } });
    await merchant.putMonth("2026-10", listsOf([{ id: 1, price: 10, sales: 5 }]));
    // Whoever brings a list again means it to take the place of the first.
    await merchant.put("month=2026-10/ERP corrigé.csv", "Prix;ID Produit\n 11,00 € ;1.0\n");
    expect(await merchant.run()).toMatchObject({ record: { status: "published", months: ["2026-10"] } });
    expect(await merchant.products("month=2026-09")).toHaveLength(3);
    expect(await merchant.products()).toEqual([
      {
        ...{ product_id: "1", sku: "10001", title: "Vin 1", price: "11.00", total_sales: "5" },
        ...{ revenue: "55.00", zscore: "0.000000", class: "ordinaire" },
      },
    ]);
    const { Synthèse: summary = [] } = await merchant.report();
    expect(summary[0]).toEqual(["Chiffre d'affaires – octobre 2026"]);
    expect(summary).toContainEqual(["Vins premium", 0]);
  });

  type Change = (lists: Lists) => void;
  const change = (row: Record<string, MadeCell> | undefined, cells: Record<string, MadeCell>) =>
    Object.assign(row!, cells);
  const inSources: Change = ({ erp, liaison }) => {
    erp.push({ product_id: "1.0", price: 5 });
    liaison.push({ product_id: " 1 ", id_web: 10_002 });
  };
  const inJoined: Change = ({ erp, liaison, web }) => {
    change(erp[0], { price: "voir tarif" });
    change(erp[1], { price: { error: "#N/A" } });
    change(erp[2], { price: -1 });
    change(liaison[2], { id_web: "10002" });
    change(web[0], { total_sales: "beaucoup" });
  };
  const inNothing: Change = ({ liaison }) => liaison.splice(0, 3, { product_id: 9, id_web: 9 });
  test.each<[string, string[], Change]>([
    [
      "lists have a product twice",
      [
        "clean_erp",
        "unique_product_id: expected no failing rows, found 1 row",
        "clean_liaison",
        "unique_product_id",
      ],
      inSources,
    ],
    [
      "figures of what is sold cannot be relied upon",
      [
        "joined",
        "unique_sku",
        "not_null_price: expected no failing rows, found 2",
        "price_is_not_negative",
        "not_null_total_sales",
      ],
      inJoined,
    ],
    ["nothing is joined", ["joined", "row_count"], inNothing],
  ])("is not published where %s, and the steps name themselves", async (_, [table = "", ...words], fault) => {
    await using merchant = await openMerchant();
    const lists = listsOf(WINES);
    fault(lists);
    await merchant.putMonth("2026-11", lists);
    const outcome = await merchant.run();
    for (const word of [`The check of ${table} of 2026-11 failed`, ...words])
      expect(String(outcome.error)).toContain(word);
    expect(statuses(outcome)).toMatchObject({ [table]: "failed", revenue: "skipped", publish: "skipped" });
    expect(await merchant.keys("latest/")).toEqual([]);
  });

  test("does not mind what nobody sells", async () => {
    await using merchant = await openMerchant();
    const { erp, liaison, web } = listsOf(WINES);
    erp.push(
      { product_id: 8, price: "voir tarif" },
      { product_id: 9, price: -8 },
      { product_id: undefined, price: 5 },
    );
    erp.push({ product_id: undefined, onsale_web: 0, stock_quantity: 0 });
    liaison.push({ product_id: 8, id_web: undefined }, { product_id: 9, id_web: "" });
    web.push(
      { virtual: 0 },
      { sku: undefined, total_sales: 3, post_title: "Oublié" },
      { sku: "nan", total_sales: 0 },
    );
    await merchant.putMonth("2026-11", { erp, liaison, web });
    const { error, record } = await merchant.run();
    expect(error).toBeUndefined();
    expect(await merchant.products()).toHaveLength(3);
    const counts = record.steps.map(
      ({ records }) => records && [records.read, records.kept, records.dropped, records.rejected],
    );
    expect(counts.slice(0, 3)).toEqual([
      [7, 5, 1, 1],
      [5, 5, 0, 0],
      [9, 6, 2, 1],
    ]);
    const [rejected] = await merchant.rejected("month=2026-11/web.xlsx");
    expect(rejected).toMatchObject({ reason: "missing_sku", line: 9 });
    expect(JSON.parse(rejected!.raw!)).toEqual({ total_sales: "3", post_title: "Oublié" });
  });

  test("is not published where a workbook is another's, and the message says what it has", async () => {
    await using merchant = await openMerchant();
    const { erp, liaison } = listsOf(WINES);
    await merchant.putMonth("2026-11", { erp: liaison, liaison, web: erp });
    const outcome = await merchant.run();
    expect(String(outcome.error)).toMatch(
      /erp\.xlsx .*product_id, price.*"Sheet1" has no price; row 1 has product_id, id_web/s,
    );
    expect(String(outcome.error)).toMatch(/web\.xlsx .*has no sku, total_sales/s);
    expect(await merchant.keys("latest/")).toEqual([]);
  });
});

test.each([
  ["wine-merchant/month=2026-10/erp.xlsx", "2026-10"],
  ["wine-merchant/2026-10/erp.xlsx", "2026-10"],
  ["wine-merchant/clean_erp/dt=2026-10-31/erp.xlsx", "2026-10"],
  ["wine-merchant/month=2026-10/erp_2026-09.xlsx", "2026-10"],
  ["wine-merchant/erp_2026-09.xlsx", "2026-09"],
  ["wine-merchant/2026-13/erp.xlsx", "2026-11"],
  ["wine-merchant/erp.xlsx", "2026-11"],
])("%s is of %s", (key, month) => {
  expect(monthOf({ key, modified: new Date("2026-11-30T23:59:59.999Z") })).toBe(month);
});

test.each<[string | undefined, string | undefined]>([
  ["15298", "15298"],
  ["15298.0", "15298"],
  ['"15298"', "15298"],
  [" 15298\u00a0", "15298"],
  ["15298,00", "15298"],
  ["1.5298E+4", "15298"],
  ["13127-1", "13127-1"],
  ["bon-cadeau-25-euros", "bon-cadeau-25-euros"],
  ["015298", "015298"],
  ["15298.5", "15298.5"],
  ["1E5", "1E5"],
  ...[undefined, "", " ", "nan", "NULL", "#N/A", '""'].map((text): [typeof text, undefined] => [
    text,
    undefined,
  ]),
])("the key of %j is %s", (text, key) => {
  expect(writtenKey(text)).toBe(key);
});
