import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { EntryBatches } from "./duplicates.ts";
import { HelperWork } from "./helper-work.ts";
import type { Compared } from "./latest-of-each.ts";
import {
  type BlockReply,
  type BlockTask,
  type ComparisonReply,
  type ComparisonTask,
  READY,
} from "./part-transfer.ts";

/** More helpers than this are faster than one thread can feed them, and each takes memory. */
const MAX_HELPERS = 4;

/** Tasks of a helper that run or wait, so that it does not pause. Beyond that this thread does them itself. */
const TASKS_FOR_EACH = 2;

/** Helpers without work end after so long. */
const IDLE_MS = 5_000;

/** What a helper may take of JavaScript memory, in MB; blocks and parts lie outside of it. */
const LIMITS = { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb: 128 };

/**
 * Threads of this process that clean blocks of large objects, together with this thread, which takes part where they have
 * enough to do. They start with the first large object, end some time after the last one, and never keep the process from
 * ending.
 */
export class Helpers {
  /** How many there are when they run: none on a machine with one core. */
  readonly size: number;
  #helpers: Helper[] = [];
  readonly #here = new HelperWork();
  #users = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(size = helpersFor(availableParallelism())) {
    this.size = size;
  }

  /** How many tasks at a time keep all of them busy, this thread included. */
  get tasksAtOnce(): number {
    return this.size === 0 ? 1 : TASKS_FOR_EACH * (this.size + 1);
  }

  /** Starts them where they do not run. Every call has to be followed by a `release`. */
  acquire(): void {
    this.#users += 1;
    clearTimeout(this.#idle);
    this.#helpers = this.#helpers.filter(({ failure }) => failure === undefined);
    while (this.#helpers.length < this.size) this.#helpers.push(new Helper());
  }

  /** Waits until they can work. @throws what ended one of them */
  async start(): Promise<void> {
    await Promise.all(this.#helpers.map((helper) => helper.start()));
  }

  /** True once they can work. Whoever does not want to wait begins alone. */
  get isReady(): boolean {
    return this.#helpers.length > 0 && this.#helpers.every(({ isReady }) => isReady);
  }

  /**
   * Has a block cleaned, by who has the least to do. The memory that the task names may be moved away.
   *
   * @throws what ended the helper
   */
  clean(task: BlockTask): Promise<BlockReply> {
    const moved = task.spare ? [task.block, task.spare] : [task.block];
    return this.#run(task, moved, () => this.#here.clean(task));
  }

  /**
   * Compares entries; there has to be a helper.
   *
   * @throws what ended the helper
   */
  async compare({ bytes, ends }: EntryBatches): Promise<Compared> {
    this.acquire();
    try {
      const task: ComparisonTask = { entries: bytes.buffer as ArrayBuffer, ends };
      const { losers, entries } = await this.#run<ComparisonReply>(task, [task.entries], () =>
        this.#here.compare(task),
      );
      return { losers, memory: Buffer.from(entries) };
    } finally {
      this.release();
    }
  }

  async #run<Reply>(task: unknown, moved: ArrayBuffer[], here: () => Reply): Promise<Reply> {
    const helper = this.#helpers.reduce((a, b) => (b.waiting < a.waiting ? b : a));
    return helper.waiting < TASKS_FOR_EACH ? ((await helper.run(task, moved)) as Reply) : here();
  }

  release(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#idle = setTimeout(() => void this.end(), IDLE_MS);
    this.#idle.unref();
  }

  /** Ends them now. */
  async end(): Promise<void> {
    const helpers = this.#helpers;
    this.#helpers = [];
    await Promise.all(helpers.map((helper) => helper.end()));
  }
}

/** One core is left for this thread. */
const helpersFor = (cores: number): number => Math.min(cores - 1, MAX_HELPERS);

/** Those of this process. */
export const HELPERS = new Helpers();

interface Waiting {
  resolve(reply: unknown): void;
  reject(error: unknown): void;
}

class Helper {
  isReady = false;
  failure: unknown;
  readonly #worker = new Worker(new URL("./clean-worker.ts", import.meta.url), { resourceLimits: LIMITS });
  readonly #started: Promise<unknown>;
  /** Replies come in the order of the tasks. */
  readonly #waiting: Waiting[] = [];

  constructor() {
    this.#started = once(this.#worker, "message");
    this.#started.catch(() => undefined);
    this.#worker.on("message", (message: unknown) => {
      if (message === READY) this.isReady = true;
      else this.#settle()?.resolve(message);
    });
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("a thread of the cleaner ended unexpectedly")));
    this.#worker.unref();
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  async start(): Promise<void> {
    this.#worker.ref();
    await this.#started;
    if (this.waiting === 0) this.#worker.unref();
  }

  /** Has a task done. @param moved memory that is moved away with it */
  run(task: unknown, moved: ArrayBuffer[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) throw this.failure;
      this.#waiting.push({ resolve, reject });
      // The process may end while a helper waits, but not while somebody waits for a helper.
      this.#worker.ref();
      this.#worker.postMessage(task, moved);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(): Waiting | undefined {
    const first = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#worker.unref();
    return first;
  }

  #fail(error: unknown): void {
    this.failure ??= error;
    this.isReady = false;
    for (const { reject } of this.#waiting.splice(0)) reject(this.failure);
  }
}
