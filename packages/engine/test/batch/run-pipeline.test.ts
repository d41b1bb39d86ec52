import { describe, expect, test } from "vitest";
import { describeOnOneS3 } from "../../../common/test/storage/s3-server.ts";
import { CORNER_SHOP, openS3TestLake, openTestLake, type TestLake } from "./corner-shop.ts";

const ITEMS = "item,price\napple,0.50\nbread,2.20\n";
const MONDAY = "id,day,item,quantity\n1,2026-01-05,apple,4\n2,2026-01-05,bread,1\n";
const TUESDAY = "id,day,item,quantity\n3,2026-01-06,apple,10\n";

const TOTALS = "corner-shop/latest/totals.csv";

async function opened({ put }: TestLake): Promise<void> {
  await put("corner-shop/items.csv", ITEMS);
  await put("corner-shop/sales_a.csv", MONDAY);
}

const statuses = (outcome: Awaited<ReturnType<TestLake["run"]>>): Record<string, string> =>
  Object.fromEntries(outcome.record.steps.map(({ name, status }) => [name, status]));

describe("a run of a pipeline", () => {
  test("makes silver and gold of what lies in bronze, says so, and the next one changes nothing", async () => {
    await using shop = await openTestLake();
    await opened(shop);
    await shop.put("corner-shop/notes.txt", "buy milk");
    const { record, error } = await shop.run();
    expect(error).toBeUndefined();
    expect(record).toMatchObject({ status: "published", ignored: ["corner-shop/notes.txt"] });
    expect(await shop.text("gold", TOTALS)).toBe("day,quantity,revenue\n2026-01-05,5,4.20\n");
    expect(await shop.keys("silver", "corner-shop/sales/")).toEqual([
      "corner-shop/sales/day=2026-01-05/sales_2026-01-05.parquet",
    ]);
    const kept = JSON.parse(await shop.text("gold", `corner-shop/_runs/${record.id}.json`));
    expect(kept).toMatchObject({ status: "published", steps: record.steps });

    const second = await shop.run();
    expect(second.record.status).toBe("unchanged");
    expect(new Set(Object.values(statuses(second)))).toEqual(new Set(["reused"]));
    expect(await shop.text("gold", "corner-shop/latest/runs.csv")).toBe(
      `revenue,run_id\n4.20,${record.id}\n`,
    );
  });

  test("makes only the days anew that new files touch", async () => {
    await using shop = await openTestLake();
    await opened(shop);
    await shop.run();
    await shop.put("corner-shop/sales_b.csv", TUESDAY);
    const { record } = await shop.run();
    const step = (name: string) => record.steps.find((candidate) => candidate.name === name);
    expect(step("sales")).toMatchObject({ days: 1, records: { objects: 1, read: 1, kept: 1 } });
    expect(step("day_totals")).toMatchObject({ days: 1, rows: 2 });
    expect(await shop.text("gold", TOTALS)).toBe(
      "day,quantity,revenue\n2026-01-05,5,4.20\n2026-01-06,10,5.00\n",
    );
  });

  test("counts a record that comes again once, the last that arrived", async () => {
    await using shop = await openTestLake();
    await opened(shop);
    await shop.run();
    await shop.put(
      "corner-shop/sales_late.csv",
      "id,day,item,quantity\n2,2026-01-05,bread,3\n2,2026-01-05,bread,3\n",
    );
    const { record } = await shop.run();
    expect(record.steps[1]!.records).toMatchObject({ read: 2, kept: 1, duplicates: 1 });
    expect(await shop.text("gold", TOTALS)).toBe("day,quantity,revenue\n2026-01-05,7,8.60\n");
  });

  test("brings a record back when the file whose record took its place is another one", async () => {
    await using shop = await openTestLake();
    await opened(shop);
    await shop.put("corner-shop/sales_b.csv", "id,day,item,quantity\n2,2026-01-05,bread,3\n");
    await shop.run();
    await shop.put("corner-shop/sales_b.csv", TUESDAY);
    await shop.run();
    expect(await shop.text("gold", TOTALS)).toBe(
      "day,quantity,revenue\n2026-01-05,5,4.20\n2026-01-06,10,5.00\n",
    );
  });

  test("keeps the rows of files that bronze no longer has", async () => {
    await using shop = await openTestLake();
    await opened(shop);
    await shop.run();
    await shop.lake.bronze.delete("corner-shop/sales_a.csv");
    await shop.put("corner-shop/sales_b.csv", "id,day,item,quantity\n4,2026-01-05,apple,2\n");
    await shop.run();
    expect(await shop.text("gold", TOTALS)).toBe("day,quantity,revenue\n2026-01-05,7,5.20\n");
  });

  test("rejects what a rule does not take, and takes it in once the rule does", async () => {
    await using shop = await openTestLake();
    await opened(shop);
    await shop.put(
      "corner-shop/sales_b.csv",
      "id,day,item,quantity\n5,2026-01-06,pear,2\n,2026-01-06,apple,2\n,,,\n",
    );
    const { record } = await shop.run();
    const reasons = { unknown_item: 1, missing_id: 1 };
    expect(record.steps[1]!.records).toMatchObject({ read: 5, kept: 2, rejected: 2, dropped: 1, reasons });
    const key = "corner-shop/sales_b.csv.rejected.jsonl";
    const lines = (await shop.text("quarantine", key))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({
      source_key: "corner-shop/sales_b.csv",
      line: 2,
      reason: "unknown_item",
      raw: "5,2026-01-06,pear,2",
    });
    await shop.put("corner-shop/items_more.csv", "item,price\npear,1.00\n");
    await shop.run();
    expect(await shop.text("gold", TOTALS)).toContain("2026-01-06,2,2.00\n");
    expect((await shop.text("quarantine", key)).trim().split("\n")).toHaveLength(1);
  });

  test("publishes nothing where a check fails, names it, and goes on where it stopped", async () => {
    await using shop = await openTestLake();
    await opened(shop);
    await shop.run();
    const before = await shop.text("gold", TOTALS);
    await shop.put("corner-shop/sales_b.csv", "id,day,item,quantity\n6,2026-01-06,apple,-1\n");
    for (const status of ["done", "reused"]) {
      const { record, error } = await shop.run();
      expect(record.status).toBe("failed");
      expect(String(error)).toContain("no_return");
      expect(statuses({ record })).toMatchObject({
        items: "reused",
        sales: "failed",
        totals: "skipped",
        publish: "skipped",
      });
      expect(record.steps[1]!.checks).toContainEqual(
        expect.objectContaining({ check: "no_return", status: "fail" }),
      );
      expect(await shop.text("gold", TOTALS)).toBe(before);
      expect(status).toBeDefined();
    }
    await shop.put("corner-shop/sales_b.csv", TUESDAY);
    expect((await shop.run()).record.status).toBe("published");
  });

  test("asserts expected values where they are given", async () => {
    await using shop = await openTestLake();
    await opened(shop);
    const expectations = [{ table: "totals", measure: "revenue", value: "4.30", tolerance: "0.05" }];
    const { error } = await shop.run({ expectations });
    expect(String(error)).toContain("expected_revenue: expected revenue 4.30 ± 0.05, found revenue 4.20");
    const wider = [{ ...expectations[0]!, tolerance: "0.1" }];
    expect((await shop.run({ expectations: wider })).record.status).toBe("published");
  });

  test("says which files are missing, and how to import them", async () => {
    await using shop = await openTestLake();
    const { record, error } = await shop.run();
    expect(error).toMatchObject({ code: "input_missing" });
    expect(record.error).toContain("ingot import corner-shop items.csv sales.csv");
  });

  test("does only the days that were asked for", async () => {
    await using shop = await openTestLake();
    await opened(shop);
    await shop.put("corner-shop/sales/day=2026-01-06/sales_2026-01-06.csv", TUESDAY);
    await shop.put("corner-shop/sales/day=2026-01-07/sales_2026-01-07.csv", TUESDAY.replace("-06", "-07"));
    await shop.run({ from: "2026-01-05", to: "2026-01-06" });
    expect(await shop.text("gold", TOTALS)).toContain("2026-01-06");
    expect(await shop.text("gold", TOTALS)).not.toContain("2026-01-07");
  });

  test("makes anew what somebody deleted in silver or gold", async () => {
    await using shop = await openTestLake();
    await opened(shop);
    await shop.run();
    const before = await shop.text("gold", TOTALS);
    for (const key of await shop.keys("silver", "corner-shop/")) await shop.lake.silver.delete(key);
    await shop.lake.gold.delete(TOTALS);
    expect((await shop.run()).record.status).toBe("published");
    expect(await shop.text("gold", TOTALS)).toBe(before);
  });

  test("keeps so many versions as are asked for, and the newest", async () => {
    await using shop = await openTestLake();
    await opened(shop);
    for (let quantity = 1; quantity <= 3; quantity += 1) {
      await shop.put("corner-shop/sales_a.csv", MONDAY.replace("apple,4", `apple,${quantity}`));
      await shop.run({ goldHistory: 2 });
    }
    expect(await shop.keys("gold", "corner-shop/history/")).toHaveLength(2 * CORNER_SHOP.deliverables.length);
  });
});

describeOnOneS3("a run of a pipeline", (access) => {
  test("makes the same of the same files, and goes on where files change", async () => {
    await using shop = await openS3TestLake(access);
    await opened(shop);
    expect((await shop.run()).record.status).toBe("published");
    expect((await shop.run()).record.status).toBe("unchanged");
    await shop.put("corner-shop/sales_b.csv", `${TUESDAY}7,2026-01-05,pear,1\n`);
    await shop.put("corner-shop/sales_late.csv", "id,day,item,quantity\n2,2026-01-05,bread,3\n");
    const { record } = await shop.run();
    expect(record.steps[1]!.records).toMatchObject({ objects: 2, read: 3, kept: 2, rejected: 1 });
    expect(await shop.text("gold", TOTALS)).toBe(
      "day,quantity,revenue\n2026-01-05,7,8.60\n2026-01-06,10,5.00\n",
    );
    expect(await shop.text("quarantine", "corner-shop/sales_b.csv.rejected.jsonl")).toContain("unknown_item");
  });
});
