import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  createLogger,
  NO_ALARMS,
  NO_HEARTBEAT,
  NO_LINEAGE,
  NO_METER,
  NO_METRICS,
  readSettings,
  type ServiceContext,
  systemClock,
} from "@ingot/common";
import { SqliteWarehouse } from "@ingot/warehouse";
import { expect, onTestFinished, test } from "vitest";
import { runDashboard } from "../src/index.ts";

function context(
  env: Record<string, string>,
  lake?: string,
): { context: ServiceContext; stop: AbortController } {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-dashboard-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const settings = readSettings({ flags: { lake: lake ?? folder }, env: { LOG_LEVEL: "silent", ...env } });
  const stop = new AbortController();
  return {
    stop,
    context: {
      settings,
      signal: stop.signal,
      clock: systemClock,
      logger: (name) => createLogger(settings, name),
      meter: NO_METER,
      heartbeat: async () => NO_HEARTBEAT,
      metrics: async () => NO_METRICS,
      alarms: () => NO_ALARMS,
      lineage: async () => NO_LINEAGE,
    },
  };
}

/** Runs until it listens; answers its address. */
async function started(
  env: Record<string, string>,
  lake?: string,
): Promise<{ url: string; end(): Promise<void> }> {
  const { context: given, stop } = context(env, lake);
  const { promise: url, resolve } = Promise.withResolvers<string>();
  const running = runDashboard(given, { onListening: resolve });
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  return { url: await Promise.race([url, running.then(() => "stopped")]), end };
}

async function takenPort(): Promise<number> {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  return (other.address() as AddressInfo).port;
}

test("without a port of its own it takes the first that is free, from 8080 on", async () => {
  const first = await started({});
  const second = await started({});
  const ports = [first, second].map(({ url }) => Number(new URL(url).port));
  expect(ports[0]).toBeGreaterThanOrEqual(8080);
  expect(ports[1]).toBeGreaterThan(ports[0]!);
  for (const { url } of [first, second]) expect((await fetch(`${url}/health`)).status).toBe(200);
  await Promise.all([first.end(), second.end()]);
  await expect(fetch(`${first.url}/health`)).rejects.toThrow();
});

test("a port that was asked for and is in use is an error that says so", async () => {
  const port = await takenPort();
  await expect(started({ DASHBOARD_PORT: String(port) })).rejects.toMatchObject({
    code: "invalid_option",
    message: expect.stringContaining(`port ${port}`),
  });
});

test("other addresses than this machine's need a token", async () => {
  const env = { DASHBOARD_HOST: "0.0.0.0" };
  await expect(started(env)).rejects.toMatchObject({
    code: "invalid_option",
    message: expect.stringContaining("DASHBOARD_TOKEN"),
  });
  const { url, end } = await started({ ...env, DASHBOARD_TOKEN: "0123456789abcdef" });
  expect((await fetch(`${url}/api/settings`)).status).toBe(401);
  const headers = { authorization: "Bearer 0123456789abcdef" };
  expect((await fetch(`${url}/api/settings`, { headers })).status).toBe(200);
  await end();
});

test("another lake's warehouse is not shown, its own is, however it is named", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-other-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, "other.sqlite");
  await SqliteWarehouse.open({ file, lakeUrl: pathToFileURL(folder).href }).close();
  await expect(started({ WAREHOUSE_URL: file })).rejects.toMatchObject({ code: "warehouse_invalid" });
  const own = path.join(folder, "warehouse", "ecommerce.sqlite");
  await SqliteWarehouse.open({ file: own, lakeUrl: "the lake around it" }).close();
  const { end } = await started({ WAREHOUSE_URL: own }, folder);
  await end();
});
