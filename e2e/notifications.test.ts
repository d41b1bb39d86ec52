import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Lake, lakeLocation, openLake, readAll, readSettings } from "@ingot/common";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { listeningServers } from "../packages/common/test/storage/listening.ts";
import { accessTo, makeBucket } from "../packages/common/test/storage/s3-server.ts";
import type { S3Server } from "../packages/common/test/storage/s3-servers.ts";
import { finished, pause, startIngot, temporaryLake } from "./support.ts";

const OBJECTS = 5;
const TEST_MS = 60_000;

interface Measured {
  /** Milliseconds from each object's writing to its effect in gold, ascending. */
  latencies: number[];
  median: number;
  /** Messages of both services' logs. */
  messages: string[];
}

/**
 * Runs the cleaner and the aggregator as processes of their own, and puts one order after the other into bronze.
 *
 * @param env where the lake is
 * @param put writes a bronze object as users do
 */
async function measure(
  env: Record<string, string>,
  put: (lake: Lake, key: string, body: string) => Promise<unknown> | unknown,
): Promise<Measured> {
  const { folder: cwd } = temporaryLake();
  const lake = await openLake(lakeLocation(readSettings({ flags: {}, env })));
  const services = ["clean", "aggregate"].map((args) =>
    startIngot(args, { cwd, env: { WAREHOUSE_URL: path.join(cwd, "warehouse.sqlite"), ...env } }),
  );
  const ends = services.map(finished);
  onTestFinished(async () => {
    for (const service of services) service.kill("SIGKILL");
    await Promise.all(ends);
  });
  const orders = async (): Promise<number> => {
    const csv = await readAll(lake.gold, "latest/aov.csv").catch(() => Buffer.from("orders\n0"));
    return Number(csv.toString().split("\n")[1]?.split(",")[0]);
  };
  const latencies: number[] = [];
  for (let n = 1; n <= OBJECTS + 1; n++) {
    // Not in step with any poll.
    await pause(Math.random() * 300);
    const order = { order_id: `o${n}`, product: "p", quantity: 1, unit_price: 2, order_ts: "2026-01-01" };
    const start = performance.now();
    await put(lake, `orders/dt=2026-01-0${n}/orders_${n}.json`, JSON.stringify([order]));
    while ((await orders()) < n) {
      if (performance.now() - start > 15_000) throw new Error(`object ${n}: not in gold after 15 s`);
      await pause(20);
    }
    // The first one waits for the processes to start.
    if (n > 1) latencies.push(performance.now() - start);
  }
  for (const service of services) service.kill("SIGTERM");
  const start = performance.now();
  const finishes = await Promise.all(ends);
  expect(performance.now() - start, "ms to stop").toBeLessThan(2_000);
  expect(finishes.map(({ code }) => code)).toEqual([0, 0]);
  await lake.close();
  latencies.sort((a, b) => a - b);
  const lines = finishes.flatMap(({ stderr }) => stderr.split("\n").filter(Boolean));
  return {
    latencies,
    median: latencies[latencies.length >> 1]!,
    messages: lines.map((line) => JSON.parse(line).msg),
  };
}

function report(title: string, { median, latencies }: Measured): void {
  const all = latencies.map((ms) => Math.round(ms)).join(" ");
  console.info(`${title}: median ${Math.round(median)} ms from bronze to gold (${all})`);
}

/** Lets a file appear as a user's copy does: whole at once here, so that its time counts from then. */
const drop =
  (folder: string) =>
  (_lake: Lake, key: string, body: string): void => {
    const file = path.join(folder, "bronze", key);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.part`, body);
    renameSync(`${file}.part`, file);
  };

const write = (lake: Lake, key: string, body: string) => lake.bronze.write(key, Buffer.from(body));

const listening = await listeningServers();

async function onS3(server: S3Server): Promise<Record<string, string>> {
  const access = accessTo(server);
  const { bucket, remove } = await makeBucket(access);
  onTestFinished(remove);
  return {
    LAKE_URL: `s3://${bucket}/shop`,
    S3_ENDPOINT: access.endpoint,
    S3_ACCESS_KEY_ID: server.accessKeyId,
    S3_SECRET_ACCESS_KEY: server.secretAccessKey,
  };
}

const noNotifications = (messages: readonly string[]): string[] =>
  messages.filter((message) => message.startsWith("No notifications"));

/** It takes half a second where nothing else runs, and other suites run beside this one. Polling alone would take 8 s. */
const MOST_MS = 2_000;

describe("with notifications, the median time from bronze to gold is far below a poll", () => {
  const env = { POLL_INTERVAL: "8s" };

  test("on a folder", { timeout: TEST_MS }, async () => {
    const { folder } = temporaryLake();
    const measured = await measure({ LAKE_URL: folder, ...env }, drop(folder));
    report("folder, notifications", measured);
    expect(measured.median).toBeLessThanOrEqual(MOST_MS);
    expect(noNotifications(measured.messages)).toEqual([]);
  });

  const servers = inject("s3Servers").filter(({ name }) => listening.has(name));
  if (servers.length === 0)
    test.skip("on an S3 store: did not run, no server here tells of objects", () => {});
  test.each(servers)("on $name", { timeout: TEST_MS }, async (server) => {
    const measured = await measure({ ...(await onS3(server)), ...env }, write);
    report(`${server.name}, notifications`, measured);
    expect(measured.median).toBeLessThanOrEqual(MOST_MS);
    expect(noNotifications(measured.messages)).toEqual([]);
  });
});

describe("with polling alone, it is at most one poll for each stage", () => {
  const interval = 500;
  const env = { POLL_INTERVAL: `${interval}ms`, NOTIFICATIONS: "off" };
  /** What the work itself takes, and a busy machine. */
  const WORK_MS = 400;

  test("on a folder", { timeout: TEST_MS }, async () => {
    const { folder } = temporaryLake();
    const measured = await measure({ LAKE_URL: folder, ...env }, drop(folder));
    report(`folder, polling every ${interval} ms`, measured);
    // A young file waits until it has been left alone.
    expect(measured.median).toBeLessThanOrEqual(2 * interval + 300 + WORK_MS);
  });

  test.each(inject("s3Servers").slice(0, 1))("on $name", { timeout: TEST_MS }, async (server) => {
    const measured = await measure({ ...(await onS3(server)), ...env }, write);
    report(`${server.name}, polling every ${interval} ms`, measured);
    expect(measured.median).toBeLessThanOrEqual(2 * interval + WORK_MS);
    expect(noNotifications(measured.messages)).toEqual([]);
  });
});

const versity = inject("s3Servers").filter(({ name }) => name === "VersityGW");
test.each(versity)(
  "on $name, which has no notifications, each service says so in one line",
  {
    timeout: TEST_MS,
  },
  async (server) => {
    const { messages } = await measure({ ...(await onS3(server)), POLL_INTERVAL: "300ms" }, write);
    const line = (layer: string): string =>
      `No notifications: ${server.endpoint} has none. New objects in ${layer} are found at the next poll.`;
    expect(noNotifications(messages)).toEqual([line("bronze"), line("silver")]);
  },
);
