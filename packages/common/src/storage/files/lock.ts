import { createHash } from "node:crypto";
import { lstat, open, unlink } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errnoOf, ifPresent } from "./errors.ts";

const queues = new Map<string, Promise<unknown>>();

/** Runs `work` when all earlier work on the same file in this process has ended. */
export async function alone<T>(file: string, work: () => Promise<T>): Promise<T> {
  const before = queues.get(file) ?? Promise.resolve();
  const mine = before.then(work, work);
  queues.set(file, mine);
  try {
    return await mine;
  } finally {
    if (queues.get(file) === mine) queues.delete(file);
  }
}

/** Whoever holds a lock needs milliseconds. One that stays for so long belongs to a process that was killed. */
const ABANDONED_MS = 2_000;
const RETRY_MS = 3;

/**
 * Runs `work` while no other process does the same for the same file. The lock is a file with the name of a temporary
 * one, so that nobody sees it and an abandoned one goes with the other stale ones.
 */
export async function aloneOnMachine<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = lockPath(file);
  await acquire(lock);
  try {
    return await work();
  } finally {
    await ifPresent(unlink(lock));
  }
}

function lockPath(file: string): string {
  const hash = createHash("sha256").update(path.basename(file)).digest("hex").slice(0, 16);
  return path.join(path.dirname(file), `.ingot-tmp-${hash}`);
}

async function acquire(lock: string): Promise<void> {
  let holder = "";
  let since = 0;
  while (!(await created(lock))) {
    const info = await ifPresent(lstat(lock, { bigint: true }));
    const now = performance.now();
    const current = `${info?.ino}-${info?.mtimeNs}`;
    if (current !== holder) {
      holder = current;
      since = now;
    } else if (now - since > ABANDONED_MS) await ifPresent(unlink(lock));
    await delay(RETRY_MS * (0.5 + Math.random()));
  }
}

async function created(lock: string): Promise<boolean> {
  try {
    await (await open(lock, "wx")).close();
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
}
