import { COMPACTED_FOLDER } from "@ingot/common";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bronzeKey,
  DATASETS,
  datasetOfBronze,
  datasetOfSilver,
  quarantineKey,
  silverKey,
} from "../../src/ecommerce/datasets.ts";
import { batchPipelineOf, batchPipelines } from "../../src/folders.ts";

describe("the columns", () => {
  test.each([
    ["customers", "customer_id,email_h,first_initial,last_initial,country,signup_date"],
    ["orders", "order_id,customer_id,product,quantity,unit_price,total_amount,order_ts,order_date,channel"],
    ["clicks", "customer_id,page,ts"],
  ] as const)("of silver %s are those of the contract", (name, columns) => {
    expect(DATASETS[name].silverColumns.join()).toBe(columns);
  });

  test.each([
    ["customers", "customer_id,first_name,last_name,email,country,signup_date"],
    ["orders", "order_id,customer_id,product,quantity,unit_price,total_amount,order_ts,channel"],
    ["clicks", "customer_id,page,ip,ts"],
  ] as const)("of bronze %s are those of the contract", (name, fields) => {
    expect(DATASETS[name].bronzeFields.join()).toBe(fields);
  });
});

describe("a bronze object", () => {
  test.each([
    ["orders/dt=2025-01-02/orders_20250102T030405.json", "orders"],
    ["customers/dt=2025-01-02/customers_20250102T030405.csv", "customers"],
    ["clicks/dt=2025-01-02/clicks_20250102T030405.txt", "clicks"],
    ["orders.csv", "orders"],
    ["customers.json", "customers"],
    ["clicks.jsonl", "clicks"],
    ["orders.ndjson.gz", "orders"],
    ["orders.json.gz", "orders"],
    ["customers-2024 (copy).csv.gz", "customers"],
    ["my/own/folder/orders2024.txt", "orders"],
    ["clicks/orders_a.json", "orders"],
    ["orders.xlsx/customers.csv", "customers"],
    // It starts with the name, which is all that the contract asks for.
    ["ordersummary.csv", "orders"],
  ])("%s belongs to %s", (key, name) => {
    expect(datasetOfBronze(key)).toBe(DATASETS[name as keyof typeof DATASETS]);
  });

  test.each([
    "my_orders.csv",
    "order.csv",
    "Orders.csv",
    "orders.xlsx",
    "orders.CSV",
    "orders.gz",
    "orders.csv.zip",
    "orders.csv.part",
    "orders",
    "orders/",
    "orders/readme.txt",
    "orders.csv/products.json",
    ".orders.csv",
    "",
  ])("%j is no input", (key) => {
    expect(datasetOfBronze(key)).toBeUndefined();
  });
});

describe("an object in another pipeline's folder", () => {
  const pipeline = fc.constantFrom(...batchPipelines());
  const folder = fc.constantFrom("", "orders/dt=2025-01-02/", "month=2026-11/", "a/b/");
  const name = fc.constantFrom("orders", "customers", "clicks");

  test("is of none of these datasets, whatever its name; beside the folder it is", () => {
    expect(batchPipelines().length).toBeGreaterThan(0);
    fc.assert(
      fc.property(pipeline, folder, name, (owner, inner, dataset) => {
        const [raw, cleaned] = [`${inner}${dataset}_a.csv`, `${inner}${dataset}_clean_a.csv`];
        expect(batchPipelineOf(`${owner}/${raw}`)).toBe(owner);
        expect(datasetOfBronze(`${owner}/${raw}`)).toBeUndefined();
        expect(datasetOfSilver(`${owner}/${cleaned}`)).toBeUndefined();
        for (const beside of ["", `${owner}s/`, `${owner}-old/`, `my/${owner}/`]) {
          expect(batchPipelineOf(`${beside}${raw}`)).toBeUndefined();
          expect(datasetOfBronze(`${beside}${raw}`)?.name).toBe(dataset);
          expect(datasetOfSilver(`${beside}${cleaned}`)?.name).toBe(dataset);
        }
      }),
    );
  });

  test("has no name that means something in the root of a layer", () => {
    const taken = [
      ...Object.keys(DATASETS),
      COMPACTED_FOLDER.slice(0, -1),
      "latest",
      "main",
      "silver",
      "gold",
      "ingot",
    ];
    for (const owner of batchPipelines()) {
      expect(taken).not.toContain(owner);
      expect(owner).toMatch(/^[a-z][a-z0-9-]*$/);
    }
  });
});

describe("a silver object", () => {
  test.each([
    "orders_20250102T030405.csv",
    "my_orders_clean_a.csv",
    "orders_clean_a.json",
    "orders_clean.csv",
  ])("%s was not named by the cleaner", (key) => expect(datasetOfSilver(key)).toBeUndefined());

  test("tells its dataset and its bronze object, and no other bronze object has its key", () => {
    const piece = fc.constantFrom("_", "-", "a", "clean_", "orders", ".csv", ".json", ".txt", ".gz", "é");
    const key = fc
      .tuple(
        fc.constantFrom("", "orders/dt=2025-01-02/", "a b/"),
        fc.constantFrom("customers", "orders", "clicks"),
        fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join("")),
        fc.constantFrom(".csv", ".json", ".jsonl", ".ndjson", ".txt", ".csv.gz", ".json.gz", ".txt.gz"),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 30 }), (keys) => {
        const silverKeys = keys.map((bronze) => {
          const dataset = datasetOfBronze(bronze)!;
          const silver = silverKey(dataset, bronze);
          expect(datasetOfSilver(silver)).toBe(dataset);
          expect(bronzeKey(dataset, silver)).toBe(bronze);
          return silver;
        });
        expect(new Set(silverKeys).size).toBe(keys.length);
      }),
      { numRuns: 200 },
    );
  });
});

test("what is rejected lies under the bronze object's key", () => {
  expect(quarantineKey("orders/dt=2025-01-02/orders_a.json")).toBe(
    "orders/dt=2025-01-02/orders_a.json.rejected.jsonl",
  );
});
