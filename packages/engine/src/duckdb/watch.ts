import { IngotError } from "@ingot/common";
import { duckDbError, isInterruption } from "./duckdb-error.ts";

/** An interruption that comes before the query has begun is lost; so it is repeated. */
const INTERRUPT_AGAIN_MS = 50;

/** Interrupts a connection's work when a signal or the time says so. */
export class Watch {
  readonly #interrupt: () => void;
  readonly #signal: AbortSignal | undefined;
  readonly #timeoutMs: number | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #repeat: NodeJS.Timeout | undefined;
  #isLate = false;
  readonly #stop = (): void => {
    this.#interrupt();
    this.#repeat ??= setInterval(this.#interrupt, INTERRUPT_AGAIN_MS);
  };

  constructor(interrupt: () => void, signal: AbortSignal | undefined, timeoutMs: number | undefined) {
    this.#interrupt = interrupt;
    this.#signal = signal;
    this.#timeoutMs = timeoutMs;
    signal?.addEventListener("abort", this.#stop);
    if (timeoutMs !== undefined) {
      this.#timer = setTimeout(() => {
        this.#isLate = true;
        this.#stop();
      }, timeoutMs);
    }
  }

  /** Does a piece of work that can be interrupted. @throws IngotError `query_failed` */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      this.#check();
      return await work();
    } catch (error) {
      if (isInterruption(error)) this.#check();
      throw duckDbError(error);
    }
  }

  end(): void {
    this.#signal?.removeEventListener("abort", this.#stop);
    clearTimeout(this.#timer);
    clearInterval(this.#repeat);
  }

  #check(): void {
    if (this.#isLate) {
      throw stopped(`The query was stopped: it took longer than ${this.#timeoutMs! / 1000} s.`);
    }
    if (this.#signal?.aborted) throw stopped("The query was stopped before its end.");
  }
}

const stopped = (message: string): IngotError => new IngotError("query_failed", message);
