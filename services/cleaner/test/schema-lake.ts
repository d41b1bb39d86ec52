import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type AlarmEvent, createAlarms, FileStore, type ObjectStore, systemClock } from "@ingot/common";
import { onTestFinished } from "vitest";
import { recordingLogger } from "../../../packages/common/test/support/recorders.ts";
import { createCleaner } from "../src/cleaner.ts";

type Layers = Record<"bronze" | "silver" | "quarantine", ObjectStore>;

export const FOLDER = "_schemas/";

/** A lake in a folder of its own, removed after the test, and what its cleaners tell. */
export function schemaLake() {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-schemas-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const layer = (name: string) => new FileStore(path.join(folder, name));
  const lake: Layers = { bronze: layer("bronze"), silver: layer("silver"), quarantine: layer("quarantine") };
  const events: AlarmEvent[] = [];
  const { logger, lines } = recordingLogger();
  let aheadMs = 60 * 60_000;
  // An hour ahead, files are old enough to be cleaned.
  const clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) };
  const cleaner = (layers: Layers = lake) =>
    createCleaner({
      lake: layers,
      businessTimezone: "UTC",
      emailHashKey: undefined,
      concurrency: 4,
      clock,
      logger,
      alarms: createAlarms("cleaner", {
        logger,
        clock,
        quietMs: 60_000,
        sinks: [{ send: async (event) => events.push(event) > 0, close: async () => undefined }],
      }),
    });
  const one = cleaner();
  const put = (key: string, content: string | Uint8Array) =>
    lake.bronze.write(key, Buffer.from(content as string));
  const texts = (name: keyof Layers): Record<string, string> => {
    const root = path.join(folder, name);
    const files = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith(".ingot"))
      .map((entry) => path.join(entry.parentPath, entry.name));
    return Object.fromEntries(
      files.sort().map((file) => [path.relative(root, file), readFileSync(file, "utf8")]),
    );
  };
  const pass = async (by = one): Promise<string[]> => {
    const before = events.length;
    const { failures } = await by.pass(new AbortController().signal);
    if (failures.length > 0) throw failures[0]!.error;
    return events.slice(before).map(({ title }) => title);
  };
  return {
    lake,
    events,
    lines,
    cleaner,
    put,
    pass,
    texts,
    /** Puts an object into bronze, has it cleaned, and gives what is told. */
    drop: async (key: string, content: string | Uint8Array): Promise<string[]> => {
      await put(key, content);
      return pass();
    },
    later: (ms: number): void => {
      aheadMs += ms;
    },
    silver: () =>
      Object.fromEntries(Object.entries(texts("silver")).filter(([key]) => !key.startsWith(FOLDER))),
    schemas: () => Object.entries(texts("silver")).filter(([key]) => key.startsWith(FOLDER)),
  };
}
