import { execFile } from "node:child_process";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { clicks, customers, order, orders, silver } from "../../../packages/warehouse/test/silver-rows.ts";
import type { SalesFilter } from "../src/api/contract.ts";
import { ThreadLink } from "../src/cube/thread-link.ts";
import { LIMITS, newWarehouseFile, openCube, openWarehouse, QUIET } from "./cube-support.ts";

const ALL: SalesFilter = { from: "2024-03-01", to: "2024-03-02", channel: [], country: [], product: [] };

test("a warehouse that is not there yet is an error until it is there", async () => {
  const file = newWarehouseFile();
  const cube = openCube(file);
  await expect(cube.report(ALL, LIMITS)).rejects.toMatchObject({
    name: "IngotError",
    code: "warehouse_missing",
  });
  await expect(cube.choices(LIMITS)).rejects.toMatchObject({ code: "warehouse_missing" });
  const warehouse = openWarehouse(file);
  expect(await cube.choices(LIMITS)).toMatchObject({ channels: [], countries: [], products: [] });
  expect((await cube.choices(LIMITS)).days).toBeUndefined();
  await warehouse.ingest([silver(orders("a", order("O1")))]);
  cube.refresh();
  expect((await cube.report(ALL, LIMITS)).cards.orders.value).toBe(1);
});

test("figures stay as they are until somebody says that they may have changed", async () => {
  const file = newWarehouseFile();
  const warehouse = openWarehouse(file);
  await warehouse.ingest([silver(orders("a", order("O1")))]);
  const cube = openCube(file);
  const before = await cube.report(ALL, LIMITS);
  await warehouse.ingest([silver(orders("b", order("O2")))]);
  for (let question = 0; question < 3; question++) {
    await cube.choices(LIMITS);
    // What is read in the background between two questions must not bring it either.
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await cube.report(ALL, LIMITS)).toEqual(before);
  }
  cube.refresh();
  const after = await cube.report(ALL, LIMITS);
  expect(after.cards.orders.value).toBe(2);
  expect(after.revision).not.toBe(before.revision);
});

test("where the list of replaced rows does not go back far enough, all is read again", async () => {
  const file = newWarehouseFile();
  const warehouse = openWarehouse(file);
  const version = (n: number, customerId: string) =>
    order("O1", { ts: `2024-03-01T10:00:00.00000${n}Z`, customerId });
  await warehouse.ingest([silver(orders("a", version(0, "C1"), order("O2", { customerId: "C2" })))]);
  const cube = openCube(file);
  expect((await cube.report(ALL, LIMITS)).cards.customers.value).toBe(2);
  await warehouse.ingest([
    silver(orders("b", version(1, "C3"))),
    silver(customers("c", { customerId: "C2", country: "FR" })),
  ]);
  await warehouse.ingest([silver(orders("d", version(2, "C2")))]);
  const database = new DatabaseSync(file);
  database.exec("DELETE FROM replaced_rows WHERE seq < (SELECT max(seq) FROM replaced_rows)");
  database.close();
  cube.refresh();
  expect((await cube.report({ ...ALL, country: ["FR"] }, LIMITS)).cards.customers.value).toBe(1);
  expect((await cube.report(ALL, LIMITS)).cards.customers.value).toBe(1);
});

test("a question whose time is over is an error; the next one is answered", async () => {
  const file = newWarehouseFile();
  await openWarehouse(file).ingest([silver(orders("a", order("O1"))), silver(clicks("b", {}))]);
  const cube = openCube(file);
  for (const ask of [
    () => cube.report(ALL, { timeoutMs: 0 }),
    () => cube.table("pages", ALL, { timeoutMs: 0 }),
    () => cube.choices({ timeoutMs: 0 }),
  ])
    await expect(ask()).rejects.toMatchObject({ name: "IngotError", code: "query_timeout" });
  expect((await cube.report(ALL, LIMITS)).cards.orders.value).toBe(1);
});

test("a thread that does not answer any more is replaced", async () => {
  const program = new URL("./cube-stuck-thread.ts", import.meta.url);
  const link = new ThreadLink({ program, data: undefined, logger: QUIET, graceMs: 50 });
  onTestFinished(() => link.close());
  const name = await link.ask({ kind: "choices" }, 20_000);
  const hasty = link.ask({ kind: "choices" }, 50);
  const patient = link.ask({ kind: "choices" }, 20_000);
  await expect(hasty).rejects.toMatchObject({ code: "query_timeout" });
  expect(await patient).not.toEqual(name);
});

test("a thread that ends says so, and the next question starts another one", async () => {
  const program = new URL("./cube-stuck-thread.ts", import.meta.url);
  const link = new ThreadLink({ program, data: "end at once", logger: QUIET });
  onTestFinished(() => link.close());
  for (let time = 0; time < 2; time++)
    await expect(link.ask({ kind: "choices" }, 20_000)).rejects.toMatchObject({ code: "query_failed" });
});

test("who still waits when the cube is closed gets an error, and nothing keeps the process alive", async () => {
  const file = newWarehouseFile();
  await openWarehouse(file).ingest([silver(orders("a", order("O1")))]);
  const program = fileURLToPath(new URL("cube-open-and-close.ts", import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, file], {
    timeout: 20_000,
  });
  expect([stdout, stderr]).toEqual(["web query_failed query_failed\n", ""]);
});
