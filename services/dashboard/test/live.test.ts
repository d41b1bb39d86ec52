import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  createLogger,
  IngotError,
  type Lake,
  lakeLocation,
  NO_HEARTBEAT,
  openLake,
  overriding,
  readSettings,
  systemClock,
} from "@ingot/common";
import { describe, expect, onTestFinished, test } from "vitest";
import { createLive, type LiveEvent, type LiveOptions, type PipelineDigest } from "../src/live/live.ts";

const MANIFEST = "latest/manifest.json";
const STORES_MANIFEST = "retail-stores/latest/manifest.json";

async function emptyLake(): Promise<Lake> {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-live-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const settings = readSettings({ flags: { lake: folder }, env: {} });
  expect(settings.lakeUrl.href).toBe(pathToFileURL(folder).href);
  return openLake(lakeLocation(settings));
}

async function live(lake: Lake, options: Partial<LiveOptions> = {}) {
  const settings = readSettings({ flags: {}, env: { POLL_INTERVAL: "30s", LOG_LEVEL: "warn" } });
  const lines: string[] = [];
  const logger = createLogger(settings, "dashboard", { write: (line: string) => lines.push(line) });
  let changes = 0;
  const created = await createLive({
    lake,
    settings,
    clock: systemClock,
    logger,
    heartbeat: NO_HEARTBEAT,
    onChange: () => {
      changes += 1;
    },
    digest: async () => ({ text: "", isBlocked: false }),
    ...options,
  });
  onTestFinished(() => created.close());
  return { ...created, lines, changes: () => changes };
}

const write = (lake: Lake, text: string) => lake.gold.write(MANIFEST, Buffer.from(text));

/** Resolves with the first event of a name. */
function first(subscribe: (listener: (event: LiveEvent) => void) => unknown, name: LiveEvent["name"]) {
  return new Promise<LiveEvent>((resolve) => {
    subscribe((event) => {
      if (event.name === name) resolve(event);
    });
  });
}

describe("live", () => {
  test.each(["auto", "off"] as const)(
    "new gold is told within a second, notifications %s",
    async (notifications) => {
      const lake = await emptyLake();
      const { subscribe, hello, changes } = await live(lake, {
        settings: { notifications, pollInterval: 30_000 },
      });
      await write(lake, "{}");
      await first(subscribe, "gold");
      const before = hello().gold;
      const changesBefore = changes();
      const told = first(subscribe, "gold");
      await new Promise((resolve) => setTimeout(resolve, 50));
      await write(lake, '{"kpis":{}}');
      const writtenAt = performance.now();
      const event = await told;
      expect(performance.now() - writtenAt).toBeLessThan(1000);
      expect(event.data).toMatchObject({ gold: hello().gold });
      expect(hello().gold).not.toBe(before);
      expect(changes()).toBe(changesBefore + 1);

      const ofStores = first(subscribe, "stores");
      await lake.gold.write(STORES_MANIFEST, Buffer.from("{}"));
      const storesAt = performance.now();
      expect((await ofStores).data).toMatchObject({ stores: hello().stores });
      expect(performance.now() - storesAt).toBeLessThan(1000);
      expect(hello().stores).not.toBe("");
    },
  );

  test("nothing is asked of the storage again and again while nobody listens", async () => {
    const lake = await emptyLake();
    const looks: string[] = [];
    const gold = overriding(lake.gold, {
      stat: (key: string) => {
        looks.push(key);
        return lake.gold.stat(key);
      },
    });
    const { look, hello } = await live(overriding(lake, { gold }));
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(looks).toEqual([MANIFEST, STORES_MANIFEST]);
    await write(lake, "{}");
    await look();
    expect(hello().gold).not.toBe("");
  });

  test("the pipeline's figures are told when they differ; while gold is held back, figures stay", async () => {
    const lake = await emptyLake();
    const digests: PipelineDigest[] = [{ text: "a", isBlocked: true }];
    const digest = async (): Promise<PipelineDigest> => digests[0]!;
    const { subscribe, changes } = await live(lake, { digest });
    await first(subscribe, "status");
    expect(changes()).toBe(0);
    const told = first(subscribe, "status");
    digests[0] = { text: "b", isBlocked: false };
    await told;
    expect(changes()).toBe(1);
  });

  test("a storage that does not answer is logged once, and what it tells later is told", async () => {
    const lake = await emptyLake();
    let isAway = true;
    const gold = overriding(lake.gold, {
      stat: async (key: string) => {
        if (isAway) throw new IngotError("storage_unavailable", "no answer from the storage");
        return lake.gold.stat(key);
      },
    });
    const settings = { notifications: "off", pollInterval: 30_000 } as const;
    const { subscribe, lines } = await live(overriding(lake, { gold }), { settings });
    const told = first(subscribe, "gold");
    await write(lake, "{}");
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(lines.filter((line) => line.includes("gold cannot be looked at"))).toHaveLength(1);
    isAway = false;
    await told;
  });
});
