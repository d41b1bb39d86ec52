import type { Clock } from "@ingot/common";

/** What looks at storage is not repeated sooner than this after it … */
const LOOK_MS = 3_000;
/** … nor sooner than in so many times what it took: it costs the storage a twentieth of its time at the most. */
const SHARE = 20;

/** Work that is repeated, with pauses that fit what it takes. */
export class Paced {
  readonly #work: () => Promise<void>;
  readonly #clock: Clock;
  #dueMs = 0;
  #running: Promise<void> | undefined;

  /** @param work never fails */
  constructor(clock: Clock, work: () => Promise<void>) {
    this.#clock = clock;
    this.#work = work;
  }

  get isDue(): boolean {
    return this.#running === undefined && this.#clock.now().getTime() >= this.#dueMs;
  }

  /** Begins; to be called where it is due. */
  async run(): Promise<void> {
    const start = performance.now();
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#running = this.#work();
    await this.#running;
    this.#running = undefined;
    // Somebody may have been in a hurry meanwhile.
    if (this.#dueMs === Number.POSITIVE_INFINITY) this.postpone(performance.now() - start);
  }

  /** It is due at once. */
  hurry(): void {
    this.#dueMs = 0;
  }

  /** As if it had just been done, in so many milliseconds. */
  postpone(tookMs: number): void {
    this.#dueMs = this.#clock.now().getTime() + Math.max(LOOK_MS, SHARE * tookMs);
  }

  /** Waits for what was begun. */
  async ended(): Promise<void> {
    await this.#running;
  }
}
