import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { OPTIONS } from "@ingot/common";
import { describe, expect, it } from "vitest";
import { finished, type Lake, pause, REPOSITORY, temporaryLake, until } from "./support.ts";

const CUSTOMERS =
  "customer_id,first_name,last_name,email,country,signup_date\nc1,Ann,Lee,a@x.org,France,2025-01-01\n";
const ORDERS =
  '[{"order_id":"o1","customer_id":"c1","product":"Tea","total_amount":5,"order_ts":"2026-01-01","channel":"web"}]';

function file(lake: Lake, name: string, content: string | Uint8Array): void {
  writeFileSync(path.join(lake.folder, name), content);
}

/** Puts a file into bronze as somebody would who copies it there by hand. */
function drop(lake: Lake, key: string, content: string): void {
  mkdirSync(path.dirname(path.join(lake.bronze, key)), { recursive: true });
  writeFileSync(path.join(lake.bronze, key), content);
}

async function work(lake: Lake, env: Record<string, string> = {}): Promise<Record<string, string>> {
  for (const command of ["clean --once", "aggregate --once"]) {
    expect(await lake.ingot(command, env), command).toMatchObject({ code: 0 });
  }
  return lake.gold();
}

describe("ingot", () => {
  it("explains itself", async () => {
    const lake = temporaryLake();
    const overview = await lake.ingot("--help");
    expect(overview.code).toBe(0);
    for (const command of ["up", "generate", "import", "clean", "aggregate", "status", "rebuild"]) {
      expect(overview.stdout).toContain(`  ${command} `);
      const help = await lake.ingot(`${command} --help`);
      expect(help).toMatchObject({ code: 0, stderr: "" });
      expect(help.stdout).toContain(`Usage: ingot ${command}`);
      expect(help.stdout).toContain("LAKE_URL");
    }
  });

  it("has every option in the README", () => {
    const readme = readFileSync(path.join(REPOSITORY, "README.md"), "utf8");
    for (const { variable } of Object.values(OPTIONS)) expect(readme).toContain(`\`${variable}\``);
  });

  it.each([
    ["nonsense", {}, "nonsense"],
    ["clean --onec", {}, "--onec"],
    ["clean --once", { POLL_INTERVAL: "soon" }, 'POLL_INTERVAL is "soon". Allowed: a duration'],
    ["clean --once", { LAKE_URL: "ftp://x/y" }, 'LAKE_URL is "ftp://x/y". Allowed: a folder'],
    [
      "clean --once --business-timezone Mars",
      {},
      '--business-timezone (variable BUSINESS_TIMEZONE) is "Mars"',
    ],
    ["clean --once", { SILVER_BUCKET: "bronze" }, 'SILVER_BUCKET is "bronze"'],
    ["generate --ticks 1 --faults bad_luck=1", {}, "bad_luck"],
    ["generate --ticks none", {}, '--ticks is "none"'],
    ["generate --from 2026-01-01", {}, "--from is for `ingot generate retail-stores`"],
    ["generate retail-stores --from 2026-02-30", {}, '--from is "2026-02-30"'],
    ["generate retail-stores", { GENERATOR_FAULTS: "bad_luck=1" }, "missing_hour"],
    ["generate wine", {}, '"wine"'],
    ["rebuild --from gold", {}, '--from is "gold"'],
    ["import", {}, "Name the files"],
    ["import nowhere.csv", {}, "nowhere.csv"],
  ])("refuses `%s` %o with exit code 2 and a line that says why", async (args, env, says) => {
    const { code, stderr, stdout } = await temporaryLake().ingot(args, env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
    expect(stderr).not.toContain("    at ");
  });
});

describe("ingot import", () => {
  it("puts files into bronze, told by their names or their fields", async () => {
    const lake = temporaryLake();
    file(lake, "customers.csv", CUSTOMERS);
    file(lake, "export march.json", ORDERS);
    file(
      lake,
      "visits.jsonl.gz",
      gzipSync('{"customer_id":"c1","page":"/","ip":"10.0.0.1","ts":"2026-01-01"}\n'),
    );
    const child = lake.start("import --json --date 2026-03-04 customers.csv visits.jsonl.gz");
    const { code, stdout } = await finished(child);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).imported.map(({ key }: { key: string }) => key)).toEqual([
      "customers/dt=2026-03-04/customers.csv",
      "clicks/dt=2026-03-04/clicks_visits.jsonl.gz",
    ]);
    file(lake, "march.json", ORDERS);
    expect((await lake.ingot("import march.json --date 2026-03-04")).stdout).toContain(
      "orders/dt=2026-03-04/orders_march.json",
    );
    expect((await work(lake)).revenue_by_country).toBe("country,orders,revenue\nFrance,1,5.00\n");
  });

  it("copies nothing twice, and loses nothing to an equal name", async () => {
    const lake = temporaryLake();
    file(lake, "orders.json", ORDERS);
    await lake.ingot("import orders.json --date 2026-03-04");
    expect((await lake.ingot("import orders.json --date 2026-03-04")).stdout).toContain("(was there)");
    file(lake, "orders.json", ORDERS.replace("o1", "o2"));
    await lake.ingot("import orders.json --date 2026-03-04");
    expect(lake.files("bronze")).toHaveLength(2);
    expect((await work(lake)).aov).toBe("orders,revenue,aov\n2,10.00,5.00\n");
  });

  it("refuses what it cannot place, before it copies anything", async () => {
    const lake = temporaryLake();
    file(lake, "orders.json", ORDERS);
    file(lake, "notes.csv", "a,b\n1,2\n");
    file(lake, "orders.xlsx", "PK");
    expect(await lake.ingot("import orders.json notes.csv")).toMatchObject({ code: 2 });
    expect((await lake.ingot("import orders.json orders.xlsx")).stderr).toContain("Export it as CSV");
    expect(lake.files("bronze")).toEqual([]);
  });
});

describe("files dropped into the bronze folder", () => {
  it("are found in any folder; others are left alone", async () => {
    const lake = temporaryLake();
    drop(lake, "from the till/2026/orders-old.json", ORDERS);
    drop(lake, "customers.csv", CUSTOMERS);
    drop(lake, "notes.txt", "hello");
    expect((await work(lake)).revenue_by_country).toBe("country,orders,revenue\nFrance,1,5.00\n");
    expect(lake.files("silver")).toEqual([
      "customers_clean__.csv",
      "from the till/2026/orders_clean__-old.csv",
    ]);
    const status = JSON.parse((await lake.ingot("status --json")).stdout);
    expect(status.unrecognised).toEqual(["notes.txt"]);
  });

  it("are cleaned anew when they were still being copied the first time", async () => {
    const lake = temporaryLake();
    drop(lake, "orders.json", ORDERS.slice(0, 20));
    await pause(400);
    expect((await work(lake)).aov).toBe("orders,revenue,aov\n");
    drop(lake, "orders.json", ORDERS);
    expect((await work(lake)).aov).toBe("orders,revenue,aov\n1,5.00,5.00\n");
    expect(lake.files("quarantine")).toEqual([]);
  });

  it("are waited for while they grow", { timeout: 30_000 }, async () => {
    const lake = temporaryLake();
    const many = Array.from({ length: 40 }, (_, index) => ORDERS.slice(1, -1).replace("o1", `o${index}`));
    drop(lake, "orders.json", "[");
    const child = lake.start("clean --once");
    const end = finished(child);
    for (let count = 1; count <= many.length; count += 1) {
      drop(lake, "orders.json", `[${many.slice(0, count).join(",")}${count === many.length ? "]" : ""}`);
      await pause(50);
    }
    expect(await end).toMatchObject({ code: 0 });
    expect((await work(lake)).aov).toBe("orders,revenue,aov\n40,200.00,5.00\n");
  });
});

describe("gold", () => {
  it("takes a user's own KPIs from a folder, and keeps the others when one of them is broken", async () => {
    const lake = temporaryLake();
    drop(lake, "orders.json", ORDERS);
    mkdirSync(path.join(lake.folder, "kpis"));
    file(
      lake,
      "kpis/orders_by_customer.sql",
      "select customer_id, sum(total_amount) as revenue from orders group by 1 order by 1",
    );
    const gold = await work(lake, { KPI_DIR: "kpis" });
    expect(gold.orders_by_customer).toBe("customer_id,revenue\nc1,5.00\n");
    file(lake, "kpis/broken.sql", "select nothing from nowhere");
    drop(lake, "orders_2.json", ORDERS.replace("o1", "o2"));
    expect(await lake.ingot("clean --once")).toMatchObject({ code: 0 });
    const { code, stderr } = await lake.ingot("aggregate --once", { KPI_DIR: "kpis" });
    expect(code).toBe(1);
    expect(stderr).toContain("broken.sql");
    expect(lake.gold().aov).toBe("orders,revenue,aov\n2,10.00,5.00\n");
    expect(lake.gold().orders_by_customer).toBe("customer_id,revenue\nc1,10.00\n");
  });

  it("comes back from silver without a warehouse, and from bronze without silver", async () => {
    const lake = temporaryLake();
    expect(await lake.ingot("generate --ticks 1 --rows 50")).toMatchObject({ code: 0 });
    const gold = await work(lake);
    rmSync(path.join(lake.folder, "warehouse"), { recursive: true });
    expect(await work(lake)).toEqual(gold);
    for (const layer of ["silver", "quarantine", "gold"])
      rmSync(path.join(lake.folder, layer), { recursive: true });
    expect(await lake.ingot("rebuild --from bronze")).toMatchObject({ code: 0 });
    expect(lake.gold()).toEqual(gold);
  });

  it("follows the business time zone after a rebuild from bronze", async () => {
    const lake = temporaryLake();
    drop(lake, "orders.json", ORDERS.replace('"2026-01-01"', '"2026-01-01T23:30:00Z"'));
    expect((await work(lake)).sales_by_day).toContain("2026-01-01,1,5.00");
    expect(await lake.ingot("rebuild --from bronze", { BUSINESS_TIMEZONE: "Europe/Paris" })).toMatchObject({
      code: 0,
    });
    expect(lake.gold().sales_by_day).toBe("order_date,orders,revenue\n2026-01-02,1,5.00\n");
  });
});

describe("a service that runs on", () => {
  it("is one process, which a signal to the installed command reaches", async () => {
    const lake = temporaryLake();
    const bin = path.join(REPOSITORY, "node_modules/.bin");
    const child = spawn(path.join(bin, "ingot"), ["clean"], {
      env: {
        PATH: `${bin}${path.delimiter}${process.env.PATH}`,
        LAKE_URL: lake.folder,
        POLL_INTERVAL: "50ms",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const end = finished(child);
    drop(lake, "orders.json", ORDERS);
    await until("silver", () => lake.files("silver").length === 1, 15_000);
    child.kill("SIGTERM");
    expect(await end).toMatchObject({ code: 0 });
  });

  it("says a lasting failure once, and goes on when it is over", { timeout: 30_000 }, async () => {
    const lake = temporaryLake();
    // A file where the folder should be: storage that answers, but wrongly.
    file(lake, "silver", "not a folder");
    drop(lake, "orders.json", ORDERS);
    utimesSync(path.join(lake.bronze, "orders.json"), 1, 1);
    const child = lake.start("clean", { POLL_INTERVAL: "50ms" });
    const end = finished(child);
    await new Promise((resolve) => child.stderr?.once("data", resolve));
    await pause(1000);
    rmSync(path.join(lake.folder, "silver"));
    await until("silver", () => lake.files("silver").length === 1, 15_000);
    child.kill("SIGTERM");
    const { code, stderr } = await end;
    expect(code).toBe(0);
    const errors = stderr.split("\n").filter((line) => line.includes('"level":"error"'));
    expect(errors).toHaveLength(1);
  });
});
