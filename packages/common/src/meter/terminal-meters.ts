import type { Meter, OpenMeter, Work } from "./meter.ts";
import { meterLine, type Reading, summaryLine } from "./meter-line.ts";

/** A stream that may be a terminal, such as `process.stderr`. */
export interface MeterScreen {
  readonly isTTY?: boolean;
  /** How wide the terminal is at this moment. */
  readonly columns?: number;
  write(text: string): unknown;
}

/** The meters at the bottom of a terminal, a line each. Everything else scrolls above them. */
export interface TerminalMeters {
  open: OpenMeter;
  /** True while something is metered that is too much to be logged piece by piece for somebody at a terminal. */
  readonly isBusy: boolean;
  /** Lets somebody write to the terminal: the meters make way, and come back below. */
  around(write: () => void): void;
  /** Takes everything off the screen. Nothing is shown any more. */
  close(): void;
}

/** What takes no longer needs no meter. */
const PATIENCE_MS = 500;
const REDRAW_MS = 100;
/** So many units are a backlog, however quickly they are worked off. */
const MANY = 200;
/** The rate is that of so many last milliseconds. */
const RATE_MS = 5_000;
const USUAL_COLUMNS = 80;

/** True where a person sees the stream as it is written: a terminal that can move its cursor, and no build server's. */
export function isWatched(screen: MeterScreen, env: Readonly<Record<string, string | undefined>>): boolean {
  const isBuild = env.CI !== undefined && !/^(|0|false)$/i.test(env.CI);
  return screen.isTTY === true && env.TERM !== "dumb" && !isBuild;
}

/**
 * Shows meters on a terminal. Whatever happens to the process leaves the terminal as it was: nothing is switched on that
 * would have to be switched off again, and there are no colours.
 *
 * @param now milliseconds of any clock that does not jump
 */
export function createTerminalMeters(
  screen: MeterScreen,
  now: () => number = () => performance.now(),
): TerminalMeters {
  const open = new Set<Readings>();
  let height = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  /** What has to be written for the meters to go away; the cursor is then where they began. */
  const erase = (): string => {
    const text = height === 0 ? "" : `\r\u001b[2K${"\u001b[1A\u001b[2K".repeat(height - 1)}`;
    height = 0;
    return text;
  };
  const drawing = (): string => {
    const columns = (screen.columns ?? USUAL_COLUMNS) - 1;
    const lines = [...open]
      .filter(({ isDue }) => isDue)
      .map((readings) => meterLine(readings.take(), columns));
    height = lines.length;
    drawnAt = now();
    return lines.join("\n");
  };
  const put = (text: string): void => {
    if (text !== "") screen.write(text);
  };
  const redraw = (): void => {
    const gone = erase();
    put(gone + drawing());
  };
  const tick = (): void => {
    if (now() - drawnAt >= REDRAW_MS / 2) redraw();
  };
  const settle = (): void => {
    if (open.size > 0) timer ??= setInterval(tick, REDRAW_MS).unref();
    else {
      clearInterval(timer);
      timer = undefined;
    }
  };

  return {
    get isBusy() {
      return [...open].some(({ isAnnounced }) => isAnnounced);
    },
    open: (work) => {
      const readings = new Readings(work, now);
      open.add(readings);
      settle();
      const meter: Meter = {
        add: (units) => {
          readings.done += units;
          // Where the work leaves the timer no turn, it has to be its own.
          if (readings.isDue && now() - drawnAt >= REDRAW_MS) redraw();
        },
        close: () => {
          if (!open.delete(readings)) return;
          settle();
          const { past } = work;
          const isSaid = past !== undefined && readings.isAnnounced && readings.done > 0;
          const gone = erase();
          put(gone + (isSaid ? `${summaryLine({ ...readings.take(), past })}\n` : "") + drawing());
        },
      };
      return meter;
    },
    around: (write) => {
      put(erase());
      write();
      put(drawing());
    },
    close: () => {
      open.clear();
      settle();
      put(erase());
    },
  };
}

/** What a piece of work has come to, and how fast. */
class Readings {
  done = 0;
  readonly #work: Work;
  readonly #now: () => number;
  readonly #startedAt: number;
  /** Readings of the last seconds, the oldest first. */
  readonly #last: { at: number; done: number }[];

  constructor(work: Work, now: () => number) {
    this.#work = work;
    this.#now = now;
    this.#startedAt = now();
    this.#last = [{ at: this.#startedAt, done: 0 }];
  }

  get isDue(): boolean {
    return this.#now() - this.#startedAt >= PATIENCE_MS;
  }

  get isAnnounced(): boolean {
    return this.isDue || this.#work.total > MANY;
  }

  take(): Reading {
    const at = this.#now();
    if (at - this.#last.at(-1)!.at >= REDRAW_MS / 2) this.#last.push({ at, done: this.done });
    while (this.#last.length > 2 && at - this.#last[0]!.at > RATE_MS) this.#last.shift();
    const first = this.#last[0]!;
    const rate = at > first.at ? ((this.done - first.done) * 1000) / (at - first.at) : undefined;
    return { ...this.#work, done: this.done, rate, elapsedMs: at - this.#startedAt };
  }
}
