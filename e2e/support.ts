import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, onTestFinished } from "vitest";

export const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));
/** The command, as users start it. */
export const INGOT = path.join(REPOSITORY, "packages/cli/ingot.mjs");

/** The variables of a process that knows nothing of this machine's own settings. */
function cleanEnvironment(env: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR ? { TMPDIR } : {}), ...env };
}

/** Starts `ingot` with these variables and no others. */
export function startIngot(
  args: string,
  { cwd, env }: { cwd: string; env: Record<string, string> },
): ChildProcess {
  return spawn(process.execPath, [INGOT, ...args.split(" ")], {
    cwd,
    env: cleanEnvironment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
}

export interface Lake {
  /** The folder that holds the four layers. */
  folder: string;
  bronze: string;
  /** Runs `ingot` on this lake to its end. */
  ingot(args: string, env?: Record<string, string>): Promise<Finished>;
  /** Starts `ingot` on this lake and lets it run. */
  start(args: string, env?: Record<string, string>): ChildProcess;
  /** The texts of the files under `gold/latest`, by KPI. */
  gold(): Record<string, string>;
  /** Every file of a layer, as paths below it, sorted; Ingot's own hidden files and schemas left out. */
  files(layer: string): string[];
  read(file: string): string;
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

const emptyFolder = (): string => mkdtempSync(path.join(tmpdir(), "ingot-e2e-"));

/** A lake in an empty folder, removed after the test. */
export function temporaryLake(): Lake {
  const folder = emptyFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return lakeIn(folder);
}

/** A lake that tests only look at, removed after the last of them. @param fill runs before the first one */
export function sharedLake(fill: (lake: Lake) => Promise<void>, timeoutMs?: number): Lake {
  const folder = emptyFolder();
  const lake = lakeIn(folder);
  beforeAll(() => fill(lake), timeoutMs);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return lake;
}

/**
 * Gives copies of a lake that is made once; each is removed after its test. A warehouse keeps to the lake that it was made
 * for, so `fill` must not make one.
 */
export function lakeTemplate(fill: (lake: Lake) => Promise<void>, timeoutMs?: number): () => Lake {
  const template = sharedLake(fill, timeoutMs);
  return () => {
    const lake = temporaryLake();
    // Unlike `cpSync`, it keeps all digits of the times, which tell one version of an object from another.
    execFileSync("cp", ["-a", `${template.folder}/.`, lake.folder]);
    return lake;
  };
}

function lakeIn(folder: string): Lake {
  const start = (args: string, env: Record<string, string> = {}): ChildProcess =>
    startIngot(args, { cwd: folder, env: { LAKE_URL: folder, LOG_FORMAT: "json", ...env } });
  const files = (layer: string): string[] => {
    const root = path.join(folder, layer);
    if (!existsSync(root)) return [];
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith(".ingot-"))
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
      .filter((file) => !file.startsWith("_schemas/"))
      .sort();
  };
  const read = (file: string): string => readFileSync(path.join(folder, file), "utf8");
  return {
    folder,
    bronze: path.join(folder, "bronze"),
    start,
    ingot: (args, env) => finished(start(args, env)),
    gold: () =>
      Object.fromEntries(
        files("gold/latest")
          .filter((file) => file.endsWith(".csv"))
          .map((file) => [path.basename(file, ".csv"), read(`gold/latest/${file}`)]),
      ),
    files,
    read,
  };
}

export function finished(child: ChildProcess): Promise<Finished> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

export function copyInto(lake: Lake, source: string): void {
  cpSync(source, lake.bronze, { recursive: true });
}

const POLL_MS = 10;

/** Waits until `condition` holds. @throws after `timeoutMs`, with what was awaited */
export async function until(what: string, condition: () => boolean, timeoutMs: number): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await pause(POLL_MS);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
