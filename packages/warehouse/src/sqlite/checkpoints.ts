import { once } from "node:events";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { Worker } from "node:worker_threads";

/**
 * From so many waiting pages (64 MiB) on the log is worth a checkpoint. Not sooner: the first step after one waits until
 * the log's new beginning is on the disk.
 */
const PAGES = 16_384;

/** Keeps the write-ahead log short without ever making a step wait for the disk. */
export class Checkpoints {
  readonly #file: string;
  readonly #pages: number;
  readonly #waiting: StatementSync;
  #thread: Worker | undefined;
  #isRunning = false;

  /** @param writer the connection that asks how long the log is */
  constructor(file: string, writer: DatabaseSync, pages = PAGES) {
    this.#file = file;
    this.#pages = pages;
    this.#waiting = writer.prepare("PRAGMA wal_checkpoint(NOOP)");
  }

  /** To be called after a step. Starts a checkpoint where it is due. */
  afterStep(): void {
    if (this.#isRunning) return;
    const { log, checkpointed } = this.#waiting.get() as { log: number; checkpointed: number };
    if (log - checkpointed < this.#pages) return;
    this.#thread ??= this.#start();
    this.#isRunning = true;
    this.#thread.postMessage("checkpoint");
  }

  /** Ends the thread; its connection is closed then. */
  async close(): Promise<void> {
    const thread = this.#thread;
    if (!thread) return;
    const exit = once(thread, "exit");
    thread.ref();
    thread.postMessage("close");
    await exit;
    this.#thread = undefined;
  }

  #start(): Worker {
    const thread = new Worker(new URL("./checkpoint-thread.ts", import.meta.url), { workerData: this.#file });
    const end = (): void => {
      this.#isRunning = false;
    };
    thread.on("message", end);
    // Without the thread the writer does it by itself, only later.
    thread.on("error", end);
    thread.unref();
    return thread;
  }
}
