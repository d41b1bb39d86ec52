import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { query } from "./query-support.ts";
import { type Finished, type Lake, sharedLake, temporaryLake } from "./support.ts";

const SHOPS = "ID Magasin,Ville,Nombre de salariés\n1,Paris,10\n2,Lyon,5\n";
const PRODUCTS = "Nom,ID Référence produit,Prix,Stock\nThé,REF1,49.99,100\nCafé,REF2,19.99,50\n";
const SALES =
  "Date,ID Référence produit,Quantité,ID Magasin\n2026-05-27,REF1,5,1\n2026-05-28,REF2,3,2\n2026-05-29,REF9,1,1\n";

const put = (lake: Lake, name: string, text: string): void =>
  writeFileSync(path.join(lake.folder, name), text);

/** Imports, and tells where each file went: `key`, or `key (was there)`. */
async function imported(lake: Lake, args: string): Promise<string[]> {
  const { code, stdout, stderr } = await lake.ingot(`import ${args} --json`);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout).imported.map(
    ({ key, created }: { key: string; created: boolean }) => `${key}${created ? "" : " (was there)"}`,
  );
}

/** Makes what lies in bronze older: files that come within a second may have one time. */
function age(lake: Lake, file: string): void {
  const past = new Date(Date.now() - 60_000);
  utimesSync(path.join(lake.bronze, file), past, past);
}

describe("ingot import for a pipeline", () => {
  test("tells tables by names, by fields, or as it is told, and copies nothing twice", async () => {
    const lake = temporaryLake();
    put(lake, "magasins.csv", SHOPS);
    put(lake, "till.csv", SALES);
    put(lake, "articles (2).CSV", PRODUCTS);
    const folder = (table: string): string => `sme-sales/${table}/dt=2026-06-01`;
    expect(await imported(lake, "sme-sales magasins.csv till.csv --date 2026-06-01")).toEqual([
      `${folder("shops")}/magasins.csv`,
      `${folder("sales")}/till.csv`,
    ]);
    put(lake, "produits.csv", SALES);
    expect(await imported(lake, "--pipeline sme-sales produits.csv --table sales --date 2026-06-01")).toEqual(
      [`${folder("sales")}/sales_produits.csv`],
    );
    expect(await imported(lake, "sme-sales till.csv --date 2026-06-01")).toEqual([
      `${folder("sales")}/till.csv (was there)`,
    ]);
    put(lake, "till.csv", SALES.replace("REF1", "REF2"));
    const [key = ""] = await imported(lake, "sme-sales till.csv --date 2026-06-01");
    expect(key).toMatch(/sales\/dt=2026-06-01\/till-[0-9a-f]{8}\.csv$/);
    expect(readFileSync(path.join(lake.bronze, key), "utf8")).toContain("2026-05-27,REF2");
  });

  test("lets a month's newest files count, also where they were there before", async () => {
    const lake = temporaryLake();
    const month = "wine-merchant/month=2026-10";
    const erp = (content: string): Promise<string[]> => {
      put(lake, "erp.xlsx", content);
      return imported(lake, "wine-merchant erp.xlsx --month 2026-10");
    };
    expect(await erp("first")).toEqual([`${month}/erp.xlsx`]);
    age(lake, `${month}/erp.xlsx`);
    expect(await erp("first")).toEqual([`${month}/erp.xlsx (was there)`]);
    const [second = ""] = await erp("second");
    expect(second).toMatch(/\/erp-[0-9a-f]{8}\.xlsx$/);
    age(lake, second);
    const [again = ""] = await erp("first");
    expect([`${month}/erp.xlsx`, second]).not.toContain(again.replace(" (was there)", ""));
    expect(readFileSync(path.join(lake.bronze, again), "utf8")).toBe("first");
    expect(await erp("first")).toEqual([`${again} (was there)`]);
    put(lake, "expected.yaml", "clean_erp: { rows: 1 }\n");
    expect(await imported(lake, "wine-merchant expected.yaml --date 2026-09-15")).toEqual([
      "wine-merchant/month=2026-09/expected.yaml",
    ]);
  });

  test("refuses what it cannot place, before it copies anything", async () => {
    const lake = temporaryLake();
    put(lake, "ventes.csv", SALES);
    put(lake, "odd.csv", "a,b\n1,2\n");
    put(lake, "notes.pdf", "x");
    put(lake, "wine-merchant", "x");
    const cases: [string, RegExp][] = [
      ["sme-sale ventes.csv", /neither a file nor a pipeline "sme-sale"/],
      ["sme-sales ventes.csv odd.csv", /odd\.csv: neither its name nor its fields/],
      ["sme-sales notes.pdf", /notes\.pdf is no file of sme-sales/],
      ["sme-sales ventes.csv --table nothing", /sme-sales has shops/],
      ["sme-sales ventes.csv --month 2026-10", /does not work by months/],
      ["wine-merchant ventes.csv", /is a pipeline, and a file here/],
      ["ventes.csv --table sales", /--table is for a pipeline's files/],
    ];
    const tried = await Promise.all(cases.map(([args]) => lake.ingot(`import ${args}`)));
    for (const [at, { code, stderr }] of tried.entries()) {
      expect(stderr).toMatch(cases[at]![1]);
      expect(code).toBe(2);
    }
    expect(lake.files("bronze")).toEqual([]);
  });
});

describe("a pipeline's run", () => {
  const lake = sharedLake(async (made) => {
    const files = {
      "shops/magasins.csv": SHOPS,
      "products/produits.csv": PRODUCTS,
      "sales/ventes.csv": SALES,
    };
    for (const [file, text] of Object.entries(files)) {
      const target = path.join(made.bronze, "sme-sales", file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
    expect(await made.ingot("run sme-sales")).toMatchObject({ code: 0 });
  });
  const parsed = ({ code, stdout, stderr }: Finished) => {
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout);
  };

  test("shows in status: files by table, what was rejected, what is published", async () => {
    const [json, text] = await Promise.all([lake.ingot("status --json"), lake.ingot("status")]);
    const { pipelines, layers, rejects } = parsed(json);
    expect(Object.keys(pipelines)).toEqual(["sme-sales"]);
    const { bronze, quarantine, newest_run, published } = pipelines["sme-sales"];
    expect(bronze).toMatchObject({ objects: 3, tables: { shops: 1, products: 1, sales: 1 }, ignored: [] });
    expect(quarantine).toEqual({ objects: 1, rows: 1, reasons: { unknown_product: 1 } });
    expect(newest_run).toMatchObject({ status: "published", trigger: "manual" });
    expect(published.files["total_revenue.csv"]).toMatchObject({ rows: 1 });
    // Everything else is about the e-commerce pipeline.
    expect([layers.bronze.objects, layers.gold.objects, rejects]).toEqual([0, 0, {}]);
    expect(text.stdout).toMatch(/Pipeline sme-sales\n {2}bronze +3 files: /);
    expect(text.stdout).toContain("1 rejected record: unknown_product 1");
  });

  test("shows in quarantine, where nothing of it is cleaned again", async () => {
    const key = "sme-sales/sales/ventes.csv";
    const [all, others, shown, named, everything] = await Promise.all(
      ["list --json", "list --json --pipeline ecommerce", `show ${key}`, `retry ${key}`, "retry --all"].map(
        (args) => lake.ingot(`quarantine ${args}`),
      ),
    );
    const { totals, objects } = parsed(all!);
    const reason = "unknown_product";
    expect(totals).toEqual([{ pipeline: "sme-sales", dataset: "sales", reason, records: 1, objects: 1 }]);
    expect(objects).toMatchObject([{ bronze_key: key, dataset: "sales", read: 3, rejected: 1 }]);
    expect(parsed(others!).objects).toEqual([]);
    expect(shown!.stdout).toMatch(/line 4 {2}unknown_product[\s\S]*REF9/);
    expect(named).toMatchObject({ code: 2, stderr: expect.stringContaining("ingot run sme-sales") });
    expect(everything).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing to clean anew") });
  });

  test("can be asked in SQL, exactly, and next to the e-commerce tables", async () => {
    const sql = `SELECT (SELECT revenue FROM sme_sales.total_revenue) AS gold, sum(quantity * price) AS silver,
      (SELECT count(*) FROM orders) AS orders FROM sme_sales.sales JOIN sme_sales.products USING (product_id)`;
    const [answer, wrong] = await Promise.all([
      query(lake, sql, "--format", "csv"),
      query(lake, "from total_revenues"),
    ]);
    expect(answer.stderr).toBe("");
    expect(answer.stdout.replace(/(\.\d\d)0*/g, "$1")).toBe("gold,silver,orders\n309.92,309.92,0\n");
    expect(wrong.stderr).toContain("sme_sales.total_revenue");
  });
});
