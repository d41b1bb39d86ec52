import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { Clock } from "../src/clock.ts";
import { createHealth, serveHealth } from "../src/health.ts";
import { openLake } from "../src/storage/lake.ts";
import { readAll } from "../src/storage/object-store.ts";
import { observedLake } from "../src/storage/observed-lake.ts";

const LIMIT_MS = 60_000;

function movableClock(): Clock & { pass(ms: number): void } {
  let now = Date.parse("2026-03-01T12:00:00Z");
  return {
    now: () => new Date(now),
    sleep: async () => undefined,
    pass: (ms) => {
      now += ms;
    },
  };
}

test("a service is healthy while its passes come to an end, whatever time has passed before", () => {
  const clock = movableClock();
  const health = createHealth(clock, LIMIT_MS);
  const { done } = health.heartbeat("cleaner");
  for (let pass = 0; pass < 5; pass++) {
    clock.pass(LIMIT_MS);
    expect(health.services().cleaner?.ok).toBe(true);
    done();
  }
  clock.pass(LIMIT_MS + 1);
  expect(health.services()).toEqual({ cleaner: { ok: false, last_progress: "2026-03-01T12:05:00.000Z" } });
});

test("reading is progress, but not after a failure: what is read in vain again and again is none", () => {
  const clock = movableClock();
  const health = createHealth(clock, LIMIT_MS);
  const { moved, failed, done } = health.heartbeat("aggregator");
  clock.pass(LIMIT_MS);
  moved();
  clock.pass(LIMIT_MS);
  expect(health.services().aggregator?.ok).toBe(true);
  failed(new Error("gold is closed"));
  moved();
  clock.pass(1);
  expect(health.services().aggregator).toMatchObject({ ok: false, error: "gold is closed" });
  done();
  expect(health.services().aggregator).toMatchObject({ ok: true });
  expect(health.services().aggregator?.error).toBeUndefined();
});

test("/health answers 200 or 503, with the service that stands still", async () => {
  const clock = movableClock();
  const health = createHealth(clock, LIMIT_MS);
  const server = await serveHealth(health, { port: 0, host: "127.0.0.1" });
  onTestFinished(() => void server.close());
  const { port, address } = server.address() as AddressInfo;
  expect(address).toBe("127.0.0.1");
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, body: await response.text() };
  };
  const { done } = health.heartbeat("cleaner");
  health.heartbeat("aggregator");
  expect((await get("/health")).status).toBe(200);
  expect((await get("/else")).status).toBe(404);
  clock.pass(LIMIT_MS + 1);
  done();
  const { status, body } = await get("/health");
  expect(status).toBe(503);
  expect(JSON.parse(body)).toMatchObject({
    status: "stalled",
    services: { cleaner: { ok: true }, aggregator: { ok: false } },
  });
});

test("a port that is taken is an error that names the option", async () => {
  const server = await serveHealth(createHealth(movableClock(), LIMIT_MS), { port: 0, host: "127.0.0.1" });
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const second = serveHealth(createHealth(movableClock(), LIMIT_MS), { port, host: "127.0.0.1" });
  await expect(second).rejects.toMatchObject({
    code: "invalid_option",
    context: { variable: "HEALTH_PORT" },
    message: expect.stringContaining(`HEALTH_PORT is ${port}`),
  });
  server.close();
  await once(server, "close");
});

test("what is read from and written to a lake shows as progress", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "ingot-health-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const buckets = { bronze: "bronze", silver: "silver", quarantine: "quarantine", gold: "gold" };
  const seen: string[] = [];
  const lake = observedLake(await openLake({ url: pathToFileURL(folder), buckets }), {
    done: () => seen.push("done"),
    moved: () => seen.push("moved"),
    failed: () => seen.push("failed"),
  });
  await lake.silver.write("a", Buffer.alloc(600_000));
  await readAll(lake.silver, "a");
  await expect(lake.gold.read("none")).rejects.toMatchObject({ code: "object_missing" });
  expect(seen).toEqual(["done", "moved", "moved", "moved"]);
});
