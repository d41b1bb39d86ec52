import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { IngotError } from "../../src/errors.ts";
import { createHealth, type HealthAddress, type MetricsText, serveHealth } from "../../src/health.ts";
import { METRICS } from "../../src/metrics/catalogue.ts";
import { createRegistry } from "../../src/metrics/prometheus.ts";
import { createObservation } from "../../src/observation.ts";
import { readSettings } from "../../src/options.ts";
import { type PassReport, poll } from "../../src/polling.ts";
import { openLake } from "../../src/storage/lake.ts";
import { recordingClock, recordingLogger } from "../support/recorders.ts";

const LOCAL: HealthAddress = { port: 0, host: "127.0.0.1" };

/** The lines with values of one metric. */
function linesOf(text: string, name: string): string[] {
  return text.split("\n").filter((line) => line.startsWith(`${name}{`));
}

describe("the figures of a process", () => {
  test("add up by service and labels, and gauges tell what is true when they are asked", async () => {
    const registry = createRegistry();
    const [cleaner, other] = [registry.of("cleaner"), registry.of("aggregator")];
    cleaner.add("ingot_objects_total", { dataset: "orders" }, 2);
    cleaner.add("ingot_objects_total", { dataset: "orders" });
    other.add("ingot_objects_total", { dataset: "orders" });
    let waiting: number | undefined = 3;
    cleaner.gauge("ingot_waiting_objects", {}, () => waiting);
    expect(linesOf(await registry.text(), "ingot_objects_total")).toEqual([
      'ingot_objects_total{service="cleaner",dataset="orders"} 3',
      'ingot_objects_total{service="aggregator",dataset="orders"} 1',
    ]);
    waiting = 5;
    expect(linesOf(await registry.text(), "ingot_waiting_objects")).toEqual([
      'ingot_waiting_objects{service="cleaner"} 5',
    ]);
    waiting = undefined;
    expect(linesOf(await registry.text(), "ingot_waiting_objects")).toEqual([]);
  });

  test("take no text of users as a label, and no more labels than fit", async () => {
    const registry = createRegistry();
    const metrics = registry.of("cleaner");
    const texts = [
      "ana@shop.example",
      "orders/dt=2026-01-01/a.json",
      "Ana",
      'x"} 1\nfake 1',
      "a".repeat(65),
      "",
    ];
    for (const reason of texts) metrics.add("ingot_rejected_records_total", { dataset: "orders", reason });
    expect(linesOf(await registry.text(), "ingot_rejected_records_total")).toEqual([
      `ingot_rejected_records_total{service="cleaner",dataset="orders",reason="other"} ${texts.length}`,
    ]);
    for (let number = 0; number < 10_000; number++) {
      metrics.add("ingot_rejected_records_total", { dataset: "orders", reason: `reason_${number}` });
    }
    const lines = linesOf(await registry.text(), "ingot_rejected_records_total");
    expect(lines.length).toBeLessThan(210);
    const sum = lines.reduce((total, line) => total + Number(line.split(" ").at(-1)), 0);
    expect(sum).toBe(10_000 + texts.length);
  });

  test("have names as Prometheus wants them", () => {
    for (const [name, { type, help }] of Object.entries(METRICS)) {
      expect(name).toMatch(/^ingot_[a-z_]+$/);
      expect(name.endsWith("_total"), name).toBe(type === "counter");
      if (type === "histogram") expect(name).toMatch(/_seconds$/);
      expect(help).toMatch(/^[A-Z1].*\.$/);
    }
  });
});

describe("a polling loop", () => {
  test("tells how long its passes take, what fails and how often", async () => {
    const registry = createRegistry();
    const stop = new AbortController();
    const broken = { key: "secret@key.json", error: new IngotError("object_changed", "changed") };
    const passes: (() => PassReport)[] = [
      () => ({ moreInMs: undefined, failures: [] }),
      () => {
        throw new IngotError("storage_unavailable", "down");
      },
      () => {
        throw new TypeError("a bug");
      },
      () => ({ moreInMs: undefined, failures: [broken, broken] }),
    ];
    await poll({
      pass: async () => {
        const next = passes.shift()!;
        if (passes.length === 0) stop.abort();
        return next();
      },
      intervalMs: 1000,
      once: false,
      signal: stop.signal,
      clock: recordingClock(),
      logger: recordingLogger().logger,
      metrics: registry.of("cleaner"),
    });
    const text = await registry.text();
    expect(linesOf(text, "ingot_pass_failures_total")).toEqual([
      'ingot_pass_failures_total{service="cleaner",code="storage_unavailable"} 1',
      'ingot_pass_failures_total{service="cleaner",code="other"} 1',
    ]);
    expect(linesOf(text, "ingot_pass_duration_seconds_count")).toEqual([
      'ingot_pass_duration_seconds_count{service="cleaner",outcome="ok"} 2',
      'ingot_pass_duration_seconds_count{service="cleaner",outcome="failed"} 2',
    ]);
    expect(linesOf(text, "ingot_object_failures_total")).toEqual([
      'ingot_object_failures_total{service="cleaner",code="object_changed"} 2',
    ]);
    expect(linesOf(text, "ingot_failing_objects")).toEqual(['ingot_failing_objects{service="cleaner"} 2']);
    expect(text).not.toContain("secret");
  });
});

describe("storage", () => {
  test("requests that the S3 client sends again are counted by layer", async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      const text =
        '<?xml version="1.0"?><ListBucketResult><Name>bronze</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>';
      response
        .writeHead(asked < 3 ? 503 : 200, { "content-type": "application/xml" })
        .end(asked < 3 ? "" : text);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const registry = createRegistry();
    const { port } = server.address() as AddressInfo;
    const s3 = {
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      forcePathStyle: true,
      accessKeyId: "id",
      secretAccessKey: "secret",
    };
    const buckets = { bronze: "bronze", silver: "silver", quarantine: "quarantine", gold: "gold" };
    const lake = await openLake({ url: new URL("s3://"), buckets, s3 }, registry.of("cleaner"));
    onTestFinished(lake.close);
    expect(await Array.fromAsync(lake.bronze.list())).toEqual([]);
    expect(linesOf(await registry.text(), "ingot_storage_retries_total")).toContain(
      'ingot_storage_retries_total{service="cleaner",layer="bronze"} 2',
    );
  });
});

describe("HEALTH_PORT", () => {
  const serve = async (address: HealthAddress, metrics?: MetricsText) => {
    const health = createHealth(systemClock, 60_000);
    const server = await serveHealth(health, address, metrics);
    onTestFinished(() => void server.close());
    return { health, port: (server.address() as AddressInfo).port };
  };

  test("answers /metrics in Prometheus's text format", async () => {
    const { port } = await serve(LOCAL, createRegistry());
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(await response.text()).toContain("# TYPE ingot_records_total counter");
  });

  test("goes on answering when a figure cannot be told", async () => {
    const broken = { contentType: "text/plain", text: () => Promise.reject(new Error("broken")) };
    const { port } = await serve(LOCAL, broken);
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(500);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  });

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === "IPv4" && !address.internal)?.address;

  test.skipIf(outside === undefined)(
    "tells others than this machine no error, which may name files",
    async () => {
      const { health, port } = await serve({ port: 0, host: "0.0.0.0" });
      health.heartbeat("cleaner").failed(new Error("cannot read orders_of_ana.json"));
      const ask = async (host: string) => (await fetch(`http://${host}:${port}/health`)).text();
      expect(await ask("127.0.0.1")).toContain("orders_of_ana");
      expect(await ask(outside!)).toMatch(
        /^\{"status":"ok","services":\{"cleaner":\{"ok":true,"last_progress":"[^"]+"\}\}\}\n$/,
      );
    },
  );
});

describe("alarms", () => {
  test("that are raised are counted by severity and kind, new kinds too", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const settings = readSettings({ flags: { "health-port": String(port) }, env: {} });
    const { logger } = recordingLogger();
    const observation = await createObservation(settings, { clock: systemClock, logger: () => logger });
    await observation.metrics("aggregator");
    const alarms = observation.alarms("aggregator", logger);
    const counts = async () => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return linesOf(text, "ingot_alarms").map((line) =>
        line.replace(/.*severity="(.*)",kind="(.*)"} /, "$1 $2 "),
      );
    };
    const usual = ["warn check 0", "error check 0", "warn schema 0", "error schema 0"];
    expect(await counts()).toEqual(usual);
    alarms.raise({ id: "check/orders/unique", severity: "error", title: "a" });
    alarms.raise({ id: "check/orders/not_null", severity: "error", title: "b" });
    alarms.raise({ id: "quality/rejects", severity: "warn", title: "c" });
    expect(await counts()).toEqual([
      "warn check 0",
      "error check 2",
      "warn schema 0",
      "error schema 0",
      "warn quality 1",
      "error quality 0",
    ]);
    for (const { id } of alarms.active()) alarms.clear(id);
    expect((await counts()).filter((line) => !line.endsWith(" 0"))).toEqual([]);
  });
});
