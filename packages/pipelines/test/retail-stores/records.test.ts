import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { hour, line, openChain, PRODUCTS, STORES } from "./chain.ts";

/** A field of a line, and why the line is not kept. */
const BAD_LINES: readonly (readonly [object, string])[] = [
  [{ sale_id: null }, "missing_sale_id"],
  [{ product_id: " " }, "missing_product_id"],
  [{ store_id: "" }, "missing_store_id"],
  [{ store_id: "S9" }, "unknown_store"],
  [{ quantity: -1 }, "negative_quantity"],
  [{ quantity: 1.5 }, "invalid_quantity"],
  [{ quantity: null }, "missing_quantity"],
  [{ sale_amount: -0.01 }, "negative_sale_amount"],
  [{ sale_amount: "much" }, "invalid_sale_amount"],
  [{ sale_date: "2026-02-30" }, "invalid_sale_date"],
  [{ sale_date: null }, "missing_sale_date"],
  [{ sale_time: "25:00:00" }, "invalid_sale_time"],
  [{ nb_type_product: -2 }, "negative_nb_type_product"],
];

const BAD_HOURS: readonly (readonly [object, string])[] = [
  [{ store_id: null }, "missing_store_id"],
  [{ store_id: "S9" }, "unknown_store"],
  [{ hour: 24 }, "invalid_hour"],
  [{ hour: -1 }, "negative_hour"],
  [{ hour: null }, "missing_hour"],
  [{ date: "2025-02-29" }, "invalid_date"],
  [{ visitors: -5 }, "negative_visitors"],
  [{ visitors: "many" }, "invalid_visitors"],
  [{ sales: 2.5 }, "invalid_sales"],
];

const ERROR = { error: "Aucune vente pour ce magasin." };

const CSV_HEADER =
  "sale_id;nb_type_product;product_id;client_id;store_id;quantity;sale_amount;sale_date;sale_time";

describe("records of the stores", () => {
  test("are kept as far as they can be, and rejected for one reason each", async () => {
    await using chain = await openChain();
    await chain.put("clients.json", [
      { id: "C1", name: "Anna Alt", age: 431, gender: "femme", loyalty_card: true, city: "Paris" },
      { id: "C2", name: "Bert Bald", age: "44", gender: "Homme", loyalty_card: false, city: "Nice" },
      { id: "C3", name: "Carl Kind", age: -3, gender: "Homme", city: "Nice" },
      { name: "Niemand", age: 30 },
    ]);
    await chain.put("products.json", [
      ...PRODUCTS,
      { id: "A", name: "Chaise_2", price: "20,00", cost: "5,25" },
      { id: "X", name: "Bureau_2", price: 10, cost: -1 },
    ]);
    await chain.put("stores.json", [
      { ...STORES[0], opening_hour: "8", closing_hour: 20 },
      { ...STORES[1], opening_hour: "09:00", closing_hour: "late", capacity: "200" },
    ]);
    await chain.put("retail_data.json", [
      hour({ hour: "10", visitors: "10", sales: "1.0" }),
      hour({ hour: 11, visitors: null, sales: null }),
      hour({ hour: 10, visitors: 12, sales: 3 }),
      ...BAD_HOURS.map(([values]) => hour(values)),
      ERROR,
    ]);
    await chain.put("sales/array.json", [
      line({ sale_id: "1", quantity: "2", sale_amount: "40.00" }),
      line({ sale_id: "2", product_id: "unknown", sale_amount: 5 }),
      line({ sale_id: "3", client_id: null, sale_time: null, nb_type_product: null }),
      line({ sale_id: "3", quantity: 2, sale_amount: 50 }),
      ...BAD_LINES.map(([values]) => line(values)),
      ERROR,
    ]);
    const jsonLines = [line({ sale_id: "4" }), line({ sale_id: "5" })]
      .map((record) => `${JSON.stringify(record)}\n`)
      .join("");
    await chain.putText("sales/lines.jsonl.gz", gzipSync(jsonLines));
    await chain.putText("sales/table.csv", `${CSV_HEADER}\n6;1;A;C1;S1;1;20,00;2026-01-05;9:05\n`);
    await chain.put("sales/nothing.json", [ERROR]);

    const { error, record } = await chain.run();
    expect(error).toBeUndefined();
    expect(await chain.reasons("sales/array.json")).toEqual([
      ...BAD_LINES.map(([, reason]) => reason),
      "error_object",
    ]);
    expect(await chain.reasons("sales/nothing.json")).toEqual(["error_object"]);
    expect(await chain.reasons("retail_data.json")).toEqual([
      ...BAD_HOURS.map(([, reason]) => reason),
      "error_object",
    ]);
    expect(await chain.reasons("products.json")).toEqual(["negative_cost"]);
    expect(await chain.reasons("clients.json")).toEqual(["missing_id"]);
    expect(record.steps[0]!.measures).toMatchObject({ invalid_ages: "2", rows: "3" });
    expect((await chain.metrics())[0]).toMatchObject({
      total_visitors: "12",
      total_transactions: "3",
      // 2 + 1 + 2 + 1 + 1 + 1, of which one has no cost.
      total_quantity: "8",
      total_revenue: "155.00",
      total_cost: "36.75",
      best_selling_product_name: "Chaise_2",
    });
    const { body } = await chain.lake.silver.read("retail-stores/clients/clients.parquet");
    const silver = Buffer.concat(await Array.fromAsync(body)).toString("latin1");
    expect(silver).not.toMatch(/Anna|Bert|Carl/);
  });

  test("of an empty or a wrong list of stores stop the run, which says why", async () => {
    await using chain = await openChain();
    await chain.put("products.json", PRODUCTS);
    await chain.put("stores.json", [ERROR]);
    await chain.put("retail_data.json", [hour()]);
    const { record } = await chain.run();
    expect(record.status).toBe("failed");
    expect(record.error).toContain("stores.json");
    expect(record.published).toEqual([]);
  });
});
