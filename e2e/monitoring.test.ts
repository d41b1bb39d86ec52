import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { METRICS } from "../packages/common/src/metrics/catalogue.ts";
import { pause, REPOSITORY, startIngot } from "./support.ts";

const FOLDER = path.join(REPOSITORY, "infra/monitoring");
const CONFIG = parse(read("prometheus.yml"));
const DASHBOARD = JSON.parse(read("grafana/dashboards/ingot.json"));
const PANELS: Panel[] = DASHBOARD.panels;
const RULES: { alert: string; expr: string }[] = parse(read("alerts.yml")).groups[0].rules;
const EXPRESSIONS = PANELS.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }): [string, string] => [title, expr]),
);
/** Series that come with an event which a healthy system does not have. */
const NEEDS_FAILURE = [
  "ingot_pass_failures_total",
  "ingot_object_failures_total",
  "ingot_storage_errors_total",
];
/** The S3 client tells it. */
const NEEDS_S3 = ["ingot_storage_retries_total"];

interface Panel {
  id: number;
  title: string;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; refId: string; datasource: { uid: string } }[];
}

/** What Prometheus answers. */
interface Answer<Data> {
  status: string;
  data: Data;
}

interface Sample {
  metric: Record<string, string>;
  value: [number, string];
}

interface EvaluatedRule {
  name: string;
  health: string;
  state: string;
}

function read(file: string): string {
  return readFileSync(path.join(FOLDER, file), "utf8");
}

function has(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Asks until an answer is as it should be. */
async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  isDone: (answer: T) => boolean,
): Promise<T> {
  const end = Date.now() + 20_000;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && isDone(answer)) return answer;
    if (Date.now() > end) throw new Error(`${what}: not in time; the last answer: ${JSON.stringify(answer)}`);
    await pause(50);
  }
}

const metricsIn = (expression: string): string[] =>
  [...expression.matchAll(/\b(?:ingot|process|nodejs)_[a-z_]+/g)].map(([name]) =>
    name.replace(/_(bucket|sum|count)$/, ""),
  );

/** The value of a metric with these labels, among others; NaN where there is none. */
function figure(text: string, name: string, labels: Record<string, string>): number {
  const line = text
    .split("\n")
    .find(
      (candidate) =>
        candidate.startsWith(`${name}{`) &&
        Object.entries(labels).every(([label, value]) => candidate.includes(`${label}="${value}"`)),
    );
  return Number(line?.split(" ").at(-1));
}

/** True where every record that was generated is accounted for, and every row that was kept is in gold. */
function isAccountedFor(text: string): boolean {
  const isPublished = figure(text, "ingot_lag_seconds_count", { stage: "silver_to_gold" }) > 0;
  return (
    isPublished &&
    ["customers", "orders", "clicks"].every((dataset) => {
      const [kept, rejected, duplicate] = ["kept", "rejected", "duplicate"].map((outcome) =>
        figure(text, "ingot_records_total", { dataset, outcome }),
      ) as [number, number, number];
      const generated = figure(text, "ingot_generated_records_total", { dataset });
      const ingested = figure(text, "ingot_ingested_rows_total", { dataset });
      return generated > 0 && generated === kept + rejected + duplicate && ingested === kept;
    })
  );
}

describe("a process with HEALTH_PORT", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-metrics-"));
  const children: ChildProcess[] = [];
  let port: number;
  let text: string;

  const scrape = async (): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    return response.text();
  };

  beforeAll(async () => {
    port = await freePort();
    const env = { LAKE_URL: path.join(folder, "lake"), HEALTH_PORT: String(port), POLL_INTERVAL: "1s" };
    const child = startIngot("up --history-days 1", { cwd: folder, env });
    child.stdout?.resume();
    children.push(child);
    text = await eventually("gold with all records", scrape, isAccountedFor);
  }, 30_000);

  afterAll(async () => {
    for (const child of children) child.kill();
    await Promise.all(children.map((child) => child.exitCode ?? once(child, "close")));
    rmSync(folder, { recursive: true, force: true });
  });

  test("tells every metric, with the service that it is of", () => {
    const silent = Object.keys(METRICS).filter(
      (name) => !new RegExp(`^${name}(_count)?\\{service="`, "m").test(text),
    );
    expect(silent.toSorted()).toEqual([...NEEDS_FAILURE, ...NEEDS_S3].toSorted());
    for (const service of ["generator", "cleaner", "aggregator"]) {
      expect(figure(text, "ingot_healthy", { service })).toBe(1);
      expect(figure(text, "ingot_pass_duration_seconds_count", { service, outcome: "ok" })).toBeGreaterThan(
        0,
      );
    }
    expect(Date.now() / 1000 - figure(text, "ingot_gold_changed_timestamp_seconds", {})).toBeLessThan(60);
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
  });

  test("has nothing but codes and fixed names in its labels: no keys, no data", () => {
    const values = [...text.matchAll(/^ingot_.*$/gm)].flatMap(([line]) => [
      ...line.matchAll(/(\w+)="([^"]*)"/g),
    ]);
    const odd = values.filter(([, label, value]) => label !== "le" && !/^[a-z][a-z0-9_]*$/.test(value!));
    expect(values.length).toBeGreaterThan(100);
    expect(odd).toEqual([]);
  });

  test("has every metric that the dashboard and the alerts ask for, and the dashboard shows each", () => {
    const asked = [...EXPRESSIONS, ...RULES.map(({ alert, expr }) => [alert, expr])].flatMap(([, expr]) =>
      metricsIn(expr!),
    );
    for (const name of asked) expect(text).toContain(`# TYPE ${name} `);
    const shown = new Set(EXPRESSIONS.flatMap(([, expr]) => metricsIn(expr)));
    expect(Object.keys(METRICS).filter((name) => !shown.has(name))).toEqual([]);
  });

  describe.skipIf(!has("prometheus"))("that a real Prometheus watches", () => {
    let server: string;

    const ask = async <Data>(api: string): Promise<Answer<Data>> =>
      (await fetch(`${server}/api/v1/${api}`)).json() as Promise<Answer<Data>>;
    const query = (expr: string) => {
      // What Grafana puts in is four times the scrape interval.
      const range = expr.replaceAll("$__rate_interval", "1s");
      return ask<{ result: Sample[] }>(`query?query=${encodeURIComponent(range)}`);
    };

    beforeAll(async () => {
      const [job] = CONFIG.scrape_configs;
      const { dns_sd_configs: _, ...rest } = job;
      const target = { targets: [`127.0.0.1:${port}`], labels: { __meta_dns_name: "cleaner" } };
      const config = {
        ...CONFIG,
        global: { scrape_interval: "200ms", evaluation_interval: "200ms" },
        rule_files: [path.join(FOLDER, "alerts.yml")],
        scrape_configs: [{ ...rest, static_configs: [target] }],
      };
      writeFileSync(path.join(folder, "prometheus.yml"), stringify(config));
      const address = `127.0.0.1:${await freePort()}`;
      server = `http://${address}`;
      const args = [
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        `--web.listen-address=${address}`,
      ];
      children.push(spawn("prometheus", args, { cwd: folder, stdio: "ignore" }));
      const scraped = () => query("count_over_time(ingot_healthy[1m])");
      await eventually("some scrapes", scraped, ({ data }) => Number(data?.result[0]?.value[1]) >= 6);
    }, 30_000);

    test("every figure of the dashboard has data", async () => {
      const empty: string[] = [];
      for (const [title, expr] of EXPRESSIONS) {
        const { status, data } = await query(expr);
        if (status !== "success" || data.result.length === 0) empty.push(title);
      }
      expect(empty).toEqual([]);
    });

    test("the alerts are evaluated, and find what is not there", async () => {
      const askRules = async () =>
        (await ask<{ groups: { rules: EvaluatedRule[] }[] }>("rules")).data.groups[0]!.rules;
      const rules = await eventually("rules", askRules, (all) =>
        all.every(({ health }) => health !== "unknown"),
      );
      expect(rules.map(({ health }) => health)).toEqual(RULES.map(() => "ok"));
      const raised = rules.filter(({ state }) => state !== "inactive");
      expect(raised.map(({ name, state }) => `${name} ${state}`)).toEqual(["IngotServiceDown pending"]);
      // All three services are one target here, under one name.
      const { data } = await query("ALERTS");
      expect(data.result.map(({ metric }) => metric.service)).toEqual(["aggregator"]);
    });
  });
});

describe("the monitoring profile", () => {
  const hasPromtool = has("promtool");

  test.skipIf(!hasPromtool)(
    "has a configuration that Prometheus takes, and alerts that fire when they should",
    () => {
      const check = (...args: string[]) =>
        execFileSync("promtool", args, { cwd: REPOSITORY, encoding: "utf8" });
      expect(check("check", "config", "infra/monitoring/prometheus.yml")).toContain("SUCCESS");
      expect(check("test", "rules", "e2e/monitoring/alerts.test.yml")).toContain("SUCCESS");
    },
  );

  test("asks the services at the port where the image has them", () => {
    const [{ dns_sd_configs }] = CONFIG.scrape_configs;
    const image = readFileSync(path.join(REPOSITORY, "infra/Dockerfile"), "utf8");
    expect(image).toContain(`HEALTH_PORT=${dns_sd_configs[0].port}`);
    expect(dns_sd_configs[0].names).toEqual(["generator", "cleaner", "aggregator"]);
  });

  test("has a dashboard whose panels stand side by side and ask the one data source", () => {
    const [{ uid }] = parse(read("grafana/provisioning/datasources/prometheus.yml")).datasources;
    const taken = new Map<string, string>();
    for (const { title, type, gridPos, targets = [] } of PANELS) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.get(`${x}/${y}`), `${title} stands on it`).toBeUndefined();
          taken.set(`${x}/${y}`, title);
        }
      }
      expect(targets.length > 0, title).toBe(type !== "row");
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      for (const { datasource } of targets) expect(datasource.uid).toBe(uid);
    }
    expect(new Set(PANELS.map(({ id }) => id)).size).toBe(PANELS.length);
  });

  test("is closed: pinned images, this machine alone, nothing to write to, no rights", () => {
    const { services, volumes } = parse(readFileSync(path.join(REPOSITORY, "docker-compose.yml"), "utf8"), {
      merge: true,
    });
    for (const name of ["prometheus", "grafana"]) {
      const service = services[name];
      expect(service).toMatchObject({
        profiles: ["monitoring"],
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
        image: expect.stringMatching(/:-[a-z/]+:v?\d+\.\d+\.\d+\}$/),
      });
      for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:/);
      for (const volume of service.volumes) {
        const [source, , mode] = volume.split(":");
        if (source in volumes) continue;
        expect(mode).toBe("ro");
        expect(existsSync(path.join(REPOSITORY, source)), source).toBe(true);
      }
    }
    for (const name of ["generator", "cleaner", "aggregator"]) {
      expect(services[name].environment.HEALTH_HOST).toBe("0.0.0.0");
      expect(services[name].ports, "nothing of a service is published").toBeUndefined();
    }
  });
});
