import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { SyntheticShop } from "./bench/gold/shop.ts";
import { goldTick, goldTickLine } from "./bench/gold-tick.ts";

test("the benchmark of the gold tick measures whole processes and leaves nothing behind", async () => {
  const parent = mkdtempSync(path.join(tmpdir(), "ingot-gold-tick-"));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const folder = path.join(parent, "work");
  const rows = await goldTick({ histories: [1500], folder, peers: [], peersUpTo: 0, ticks: 4 });
  expect(rows.map(({ who, orders }) => [who, orders])).toEqual([["ingot", 1500]]);
  for (const row of rows) {
    expect(row.medianMs).toBeGreaterThan(0);
    expect(row.maxMs).toBeGreaterThanOrEqual(row.medianMs);
    expect(goldTickLine(row)).toMatch(/^\| [\d,]+ \| ingot \| [\d.]+ ms \|.*\|$/);
  }
  expect(existsSync(folder)).toBe(false);
});

const ids = (csv: string): string[] =>
  csv
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",")[0]!);

test("a tick of the synthetic shop has new orders, other versions of old ones, and late customers", () => {
  const shop = new SyntheticShop(5000);
  const history = (dataset: "orders" | "customers") =>
    new Set(ids([...shop.history(dataset, 0, shop[dataset])].join("")));
  const [knownOrders, knownCustomers] = [history("orders"), history("customers")];
  const { orders, customers, clicks } = shop.tick(7);
  expect([orders, customers, clicks].map((csv) => ids(csv).length)).toEqual([200, 50, 500]);
  expect(ids(orders).filter((id) => knownOrders.has(id))).toHaveLength(15);
  expect(ids(customers).filter((id) => !knownCustomers.has(id))).toHaveLength(10);
  expect(new SyntheticShop(5000).tick(7)).toEqual({ orders, customers, clicks });
});
