import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { AlarmMemory, Told } from "./alarms.ts";

/** After so long an alarm that nobody raised or cleared any more is one whose cause no longer exists. */
const FORGOTTEN_MS = 30 * 24 * 60 * 60_000;

/**
 * The memory of one service of one lake, a small JSON file. A service that cannot stay alive would send all its alarms at
 * each start without it; several processes of one machine share it.
 */
export function fileMemory(
  folder: string,
  { service, lakeUrl, logger }: { service: string; lakeUrl: string; logger: Logger },
): AlarmMemory {
  const lake = createHash("sha256").update(lakeUrl).digest("hex").slice(0, 8);
  const file = path.join(folder, `${service}-${lake}.json`);
  let isReported = false;

  const read: AlarmMemory["read"] = () => {
    try {
      const entries = Object.entries(JSON.parse(readFileSync(file, "utf8")));
      return new Map(entries.filter((entry): entry is [string, Told] => isTold(entry[1])));
    } catch {
      // None yet, or damaged: everything is told once more.
      return new Map();
    }
  };
  const write: AlarmMemory["write"] = (id, told) => {
    const all = [...read(), [id, told] as const].filter(([, { atMs }]) => told.atMs - atMs < FORGOTTEN_MS);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const draft = `${file}.${process.pid}`;
      writeFileSync(draft, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`, { mode: 0o600 });
      renameSync(draft, file);
    } catch (error) {
      const text = `${file} cannot be written, so alarms are sent anew after a restart: ${messageOf(error)}. Set ALARM_STATE_DIR.`;
      if (!isReported) logger.warn(text);
      isReported = true;
    }
  };
  return { read, write };
}

/** Where a program keeps what it must know after a restart. */
export function stateFolder(): string {
  const home = homedir();
  const states: Partial<Record<NodeJS.Platform, string>> = {
    darwin: path.join(home, "Library", "Application Support"),
    win32: path.join(home, "AppData", "Local"),
  };
  return path.join(states[process.platform] ?? path.join(home, ".local", "state"), "ingot", "alarms");
}

function isTold(value: unknown): value is Told {
  const { state, severity, title, atMs } = (value ?? {}) as Partial<Told>;
  return (
    (state === "raised" || state === "over") &&
    (severity === "warn" || severity === "error") &&
    typeof title === "string" &&
    Number.isFinite(atMs)
  );
}
