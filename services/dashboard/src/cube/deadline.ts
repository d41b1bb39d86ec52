import { IngotError } from "@ingot/common";

/** Milliseconds of a clock that all threads of a process share, and that nobody sets. */
export function sharedNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** Until when something has to be done. */
export class Deadline {
  /** By `sharedNow`. */
  readonly at: number;
  readonly #timeoutMs: number;

  constructor(at: number, timeoutMs: number) {
    this.at = at;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws IngotError `query_timeout` */
  check(): void {
    if (sharedNow() >= this.at) throw queryTimeout(this.#timeoutMs);
  }
}

export function queryTimeout(timeoutMs: number): IngotError {
  return new IngotError(
    "query_timeout",
    `The question was not answered within ${timeoutMs} ms. Ask for a shorter period, or again in a moment: a history that was just opened is still being read.`,
  );
}
