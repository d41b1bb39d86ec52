import { Worker } from "node:worker_threads";
import { IngotError, type Logger, messageOf } from "@ingot/common";
import { queryTimeout, sharedNow } from "./deadline.ts";
import { type Answer, type Answers, fromFailure, type Question, type Request } from "./messages.ts";

/** Rows that are read are garbage soon; a large space for them would only make the process larger. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 16 };
/** So much later than its time a question may still be answered: the thread itself looks at the clock now and then. */
const GRACE_MS = 1_000;

export interface ThreadLinkOptions {
  /** The thread's program, and what it is started with. */
  program: URL;
  data: unknown;
  logger: Logger;
  graceMs?: number;
}

interface Waiting {
  request: Exclude<Request, "refresh">;
  isLate: boolean;
  timer: NodeJS.Timeout;
  resolve(result: Answers[Question["kind"]]): void;
  reject(error: Error): void;
}

/** Asks a thread, which answers in order; starts another one in its place where it does not answer any more. */
export class ThreadLink {
  readonly #options: Required<ThreadLinkOptions>;
  /** By id, the oldest first. */
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  /** False while the thread is only being started, which takes its time on a busy machine. */
  #isRunning = false;
  #lastId = 0;
  #isClosed = false;

  constructor(options: ThreadLinkOptions) {
    this.#options = { graceMs: GRACE_MS, ...options };
    this.#worker = this.#start();
  }

  /** @throws IngotError `query_timeout`, and what the thread answers */
  async ask<Kind extends Question["kind"]>(
    question: Question & { kind: Kind },
    timeoutMs: number,
  ): Promise<Answers[Kind]> {
    if (this.#isClosed) throw closed();
    this.#lastId += 1;
    const id = this.#lastId;
    const request = { id, question, deadline: sharedNow() + timeoutMs, timeoutMs };
    const { promise, resolve, reject } = Promise.withResolvers<Answers[Question["kind"]]>();
    const timer = setTimeout(() => this.#late(id), timeoutMs);
    this.#waiting.set(id, { request, isLate: false, timer, resolve, reject });
    this.#post(request);
    return (await promise) as Answers[Kind];
  }

  refresh(): void {
    if (this.#worker) this.#post("refresh");
  }

  /** Ends the thread. Whoever still waits gets an error. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#abandon(closed());
  }

  #post(request: Request): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request);
  }

  #start(): Worker {
    const { program, data } = this.#options;
    const worker = new Worker(program, { workerData: data, resourceLimits: RESOURCE_LIMITS });
    this.#isRunning = false;
    worker.once("online", () => {
      if (worker === this.#worker) this.#isRunning = true;
    });
    worker.on("message", (answer: Answer) => this.#take(answer));
    const ended = (error: unknown): void => {
      if (worker !== this.#worker) return;
      const why = `The thread that answers questions ended (${messageOf(error)}). The next question starts it again.`;
      this.#options.logger.warn(why);
      void this.#abandon(new IngotError("query_failed", why, { cause: error }));
    };
    worker.on("error", ended);
    worker.on("exit", (code) => ended(`exit code ${code}`));
    return worker;
  }

  #take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    if (!waiting) return;
    this.#waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    if ("result" in answer) waiting.resolve(answer.result);
    else waiting.reject(fromFailure(answer.failure));
  }

  /** A question's time is over; the thread has some more to say so itself before it counts as stuck. */
  #late(id: number): void {
    const waiting = this.#waiting.get(id)!;
    const [oldest] = this.#waiting.keys();
    if (waiting.isLate && id === oldest && this.#isRunning) {
      this.#restart();
      return;
    }
    waiting.isLate = true;
    waiting.reject(queryTimeout(waiting.request.timeoutMs));
    waiting.timer = setTimeout(() => this.#late(id), this.#options.graceMs);
  }

  #restart(): void {
    this.#options.logger.warn(
      "The thread that answers questions does not answer. Another one takes its place.",
    );
    const inTime = [...this.#waiting.values()].filter(({ isLate }) => !isLate);
    for (const { timer, isLate } of this.#waiting.values()) if (isLate) clearTimeout(timer);
    this.#waiting.clear();
    const stuck = this.#worker;
    this.#worker = this.#start();
    void stuck?.terminate();
    for (const waiting of inTime) {
      this.#waiting.set(waiting.request.id, waiting);
      this.#post(waiting.request);
    }
  }

  async #abandon(reason: Error): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    for (const { timer, reject } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(reason);
    }
    this.#waiting.clear();
    await worker?.terminate();
  }
}

function closed(): IngotError {
  return new IngotError("query_failed", "The dashboard is stopping and answers no more questions.");
}
