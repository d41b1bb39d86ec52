import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { METRICS } from "../packages/common/src/metrics/catalogue.ts";
import { freePort } from "../packages/common/test/storage/s3-servers.ts";
import { CONFIG, EXPRESSIONS, FOLDER, has, RULES } from "./monitoring/files.ts";
import { pause, startIngot } from "./support.ts";

/** Series that come with an event which a healthy system does not have. */
const NEEDS_FAILURE = [
  "ingot_pass_failures_total",
  "ingot_object_failures_total",
  "ingot_storage_errors_total",
];
/** The S3 client tells it. */
const NEEDS_S3 = ["ingot_storage_retries_total"];

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

/** Asks until an answer is as it should be. */
async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  isDone: (answer: T) => boolean,
): Promise<T> {
  const end = Date.now() + 60_000;
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

/** The files of a small company, for a pipeline that runs when they arrive. */
const SME_FILES = {
  "magasins.csv": "ID Magasin,Ville\n1,Paris\n",
  "produits.csv": "Nom,ID Référence produit,Prix\nVis,V1,2.50\n",
  "ventes.csv": "Date,ID Référence produit,Quantité,ID Magasin\n2026-01-05,V1,4,1\n",
};

/** True where every record that was generated is accounted for, every row that was kept is in gold, and a pipeline has run. */
function isAccountedFor(text: string): boolean {
  const isPublished = figure(text, "ingot_lag_seconds_count", { stage: "silver_to_gold" }) > 0;
  const hasRun = figure(text, "ingot_runs_total", { pipeline: "sme-sales", status: "published" }) > 0;
  return (
    isPublished &&
    hasRun &&
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
    const bronze = path.join(folder, "lake", "bronze", "sme-sales");
    mkdirSync(bronze, { recursive: true });
    for (const [name, text] of Object.entries(SME_FILES)) writeFileSync(path.join(bronze, name), text);
    const child = startIngot("up --history-days 1", { cwd: folder, env });
    child.stdout?.resume();
    children.push(child);
    text = await eventually("gold with all records", scrape, isAccountedFor);
  }, 90_000);

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
    const odd = values.filter(([, label, value]) => label !== "le" && !/^[a-z][a-z0-9_-]*$/.test(value!));
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
      // What Grafana puts in is four times the scrape interval; here it leaves room for a busy machine.
      const range = expr.replaceAll("$__rate_interval", "5s");
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
    }, 90_000);

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
