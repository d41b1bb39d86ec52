import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Figures } from "./figures.ts";

/** What a process is told to do. */
export interface Task<Id> {
  id: Id;
  /** Where it puts the input; it stays there unless all was well. */
  folder: string;
}

/** What it answers. */
export interface Reply {
  figures?: Figures;
  /** What does not hold for the input. */
  failure?: string;
  ms: number;
  /** The most memory that the process held so far. */
  peakMb: number;
}

export interface Finding<Id> {
  kind: "failure" | "hang" | "crash";
  id: Id;
  folder: string;
  detail: string;
}

export interface PoolOptions<Id> {
  worker: URL;
  processes: number;
  /** Longer than this for one input is a hang. */
  hangMs: number;
  /** Where inputs lie that are tried, and those with a finding stay. */
  folder: string;
  nameOf(id: Id): string;
  onReply(id: Id, reply: Reply): void;
  onFinding(finding: Finding<Id>): void;
}

/** A process of JavaScript with more than this is a leak; buffers lie outside of it. */
const HEAP_MB = 512;

/** Has each input tried in one of some processes. One that hangs or dies is told, and another one goes on in its place. */
export async function tryAll<Id>(ids: Iterable<Id>, options: PoolOptions<Id>): Promise<void> {
  const queue = ids[Symbol.iterator]();
  const work = async (): Promise<void> => {
    let child: ChildProcess | undefined;
    try {
      for (let next = queue.next(); !next.done; next = queue.next()) {
        child ??= fork(options.worker, { execArgv: [`--max-old-space-size=${HEAP_MB}`] });
        if (!(await tryOne(child, next.value, options))) child = undefined;
      }
    } finally {
      child?.kill("SIGKILL");
    }
  };
  await Promise.all(Array.from({ length: options.processes }, work));
}

/** @returns false where the process has ended */
async function tryOne<Id>(child: ChildProcess, id: Id, options: PoolOptions<Id>): Promise<boolean> {
  const { hangMs, nameOf, onReply, onFinding } = options;
  const folder = path.join(options.folder, nameOf(id).replace(":", "-"));
  const over = new AbortController();
  const until = { signal: over.signal };
  const hang = setTimeout(() => over.abort(), hangMs);
  const answer = once(child, "message", until).then(([reply]) => reply as Reply);
  const end = once(child, "exit", until).then(([code, signal]) => `ended with ${code ?? signal}`);
  const task: Task<Id> = { id, folder };
  child.send(task, () => undefined);
  try {
    const outcome = await Promise.race([answer, end]);
    if (typeof outcome === "string") {
      onFinding({ kind: "crash", id, folder, detail: outcome });
      return false;
    }
    onReply(id, outcome);
    if (outcome.failure) onFinding({ kind: "failure", id, folder, detail: outcome.failure });
    return true;
  } catch (error) {
    if (!over.signal.aborted) throw error;
    child.kill("SIGKILL");
    onFinding({ kind: "hang", id, folder, detail: `no answer within ${hangMs / 1000} s` });
    return false;
  } finally {
    clearTimeout(hang);
    over.abort();
    await Promise.allSettled([answer, end]);
  }
}
