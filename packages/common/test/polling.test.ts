import { describe, expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../src/clock.ts";
import { IngotError } from "../src/errors.ts";
import { createWaker, type PassReport, type PollingOptions, poll } from "../src/polling.ts";
import { endlessClock, recordingClock, recordingLogger } from "./support/recorders.ts";

const DONE: PassReport = { moreInMs: undefined, failures: [] };
const down = () => new IngotError("storage_unavailable", "The storage does not answer");
const denied = () => new IngotError("storage_denied", "The storage refused");
const failed = (...failures: [key: string, error: Error][]): PassReport => ({
  ...DONE,
  failures: failures.map(([key, error]) => ({ key, error })),
});

/** Runs the loop over what the passes answer or throw; after the last of them it is asked to stop. */
async function run(
  script: readonly (PassReport | Error)[],
  options: Partial<PollingOptions<PassReport>> = {},
) {
  const clock = recordingClock();
  const { logger, lines } = recordingLogger();
  const stop = new AbortController();
  const reports: PassReport[] = [];
  let passes = 0;
  const pass = async (): Promise<PassReport> => {
    const outcome = script[passes]!;
    passes += 1;
    if (passes === script.length && !options.once) {
      clock.sleep = async (ms) => {
        clock.sleeps.push(ms);
        stop.abort();
      };
    }
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const onPass = (report: PassReport) => reports.push(report);
  const { signal } = stop;
  const ended = poll({ pass, onPass, intervalMs: 5000, once: false, signal, clock, logger, ...options });
  const error: unknown = await ended.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { passes, sleeps: clock.sleeps, lines, reports, error };
}

const repeat = <T>(times: number, make: () => T): T[] => Array.from({ length: times }, make);

describe("a loop that keeps running", () => {
  test("sleeps for the interval after each pass", async () => {
    const { sleeps, reports, lines } = await run([DONE, DONE, DONE]);
    expect(sleeps).toEqual([5000, 5000, 5000]);
    expect(reports).toEqual([DONE, DONE, DONE]);
    expect(lines).toEqual([]);
  });

  test("comes back as soon as more work is ready", async () => {
    const { sleeps } = await run([{ ...DONE, moreInMs: 0 }, { ...DONE, moreInMs: 1200 }, DONE]);
    expect(sleeps).toEqual([0, 1200, 5000]);
  });

  test.each([
    { intervalMs: 5000, firstMs: 5000 },
    { intervalMs: 50, firstMs: 200 },
    { intervalMs: 300_000, firstMs: 60_000 },
  ])("waits longer after each failure, up to a minute: $intervalMs ms", async ({ intervalMs, firstMs }) => {
    const { sleeps } = await run(repeat(14, down), { intervalMs });
    for (const [failures, ms] of sleeps.entries()) {
      const full = Math.min(60_000, firstMs * 2 ** failures);
      expect(ms).toBeGreaterThanOrEqual(full / 2);
      expect(ms).toBeLessThanOrEqual(full);
    }
    expect(sleeps).toHaveLength(14);
  });

  test("spreads the retries of several processes", async () => {
    const waits = await Promise.all(repeat(20, async () => (await run([down()])).sleeps[0]));
    expect(new Set(waits).size).toBeGreaterThan(15);
  });

  test("forgets earlier failures after a pass that works", async () => {
    const { sleeps } = await run([...repeat(8, down), DONE, down()]);
    expect(sleeps[7]).toBeGreaterThanOrEqual(30_000);
    expect(sleeps[8]).toBe(5000);
    expect(sleeps[9]).toBeLessThanOrEqual(5000);
  });

  test("goes on whatever is thrown", async () => {
    const { passes, error } = await run([denied(), new TypeError("a bug"), down(), DONE]);
    expect({ passes, error }).toEqual({ passes: 4, error: undefined });
  });
});

describe("what is logged", () => {
  test("a repeated failure once, and once more when it is over", async () => {
    const { lines } = await run([DONE, ...repeat(5, down), DONE, DONE]);
    expect(lines).toEqual([
      {
        level: "error",
        code: "storage_unavailable",
        msg: expect.stringMatching(/^The storage does not answer/),
      },
      { level: "info", attempts: 5, msg: "working again" },
    ]);
  });

  test("another failure of the same outage, and the same failure of a later one", async () => {
    const { lines } = await run([down(), denied(), denied(), DONE, denied(), DONE]);
    expect(lines.map(({ code, msg }) => code ?? msg)).toEqual([
      "storage_unavailable",
      "storage_denied",
      "working again",
      "storage_denied",
      "working again",
    ]);
  });

  test("the place of a known error, the stack of an unknown one", async () => {
    const known = new IngotError("silver_invalid", "No header", {
      context: { layer: "silver", key: "a.csv" },
    });
    const { lines } = await run([known, new TypeError("a bug")]);
    expect(lines[0]).toMatchObject({ code: "silver_invalid", layer: "silver", key: "a.csv" });
    expect(lines[1]).toMatchObject({
      err: { type: "TypeError", stack: expect.stringContaining("polling.test") },
    });
  });

  test("an object's failure once for as long as it lasts, while the others are worked off", async () => {
    const one: [string, Error] = ["a.csv", denied()];
    const other: [string, Error] = ["b.csv", down()];
    const { lines, sleeps, reports } = await run([
      failed(one),
      failed(one, other),
      failed(one, other),
      failed(other),
      failed(one),
      DONE,
    ]);
    expect(lines.map(({ code }) => code)).toEqual([
      "storage_denied",
      "storage_unavailable",
      "storage_denied",
    ]);
    expect(sleeps).toEqual(repeat(6, () => 5000));
    expect(reports).toHaveLength(6);
  });
});

describe("once", () => {
  test("returns when nothing is left to do", async () => {
    const more = { ...DONE, moreInMs: 300 };
    const { passes, sleeps, error } = await run([more, more, DONE], { once: true });
    expect({ passes, sleeps, error }).toEqual({ passes: 3, sleeps: [300, 300], error: undefined });
  });

  test.each([denied(), new TypeError("a bug")])(
    "throws at once what no retry can mend: %s",
    async (thrown) => {
      const { passes, error } = await run([thrown], { once: true });
      expect(passes).toBe(1);
      expect(error).toBe(thrown);
    },
  );

  test("tries again what may pass, whatever the interval", async () => {
    const { passes, sleeps, lines, error } = await run([down(), down(), DONE], {
      once: true,
      intervalMs: 300_000,
    });
    expect({ passes, error }).toEqual({ passes: 3, error: undefined });
    expect(Math.max(...sleeps)).toBeLessThanOrEqual(400);
    expect(lines.map(({ msg, code }) => code ?? msg)).toEqual(["storage_unavailable", "working again"]);
  });

  test("gives up after some seconds", async () => {
    const { passes, sleeps, error } = await run(repeat(10, down), { once: true });
    expect(passes).toBe(6);
    expect(sleeps.reduce((sum, ms) => sum + ms)).toBeLessThanOrEqual(6200);
    expect(error).toMatchObject({ code: "storage_unavailable" });
  });

  test("throws where objects could not be worked off, and says how many", async () => {
    const report = failed(["a.csv", denied()], ["b.csv", new TypeError("a bug")]);
    const { passes, reports, error } = await run([report], { once: true });
    expect(error).toMatchObject({
      code: "incomplete",
      message: expect.stringMatching(/^2 objects.*refused/),
    });
    expect({ passes, reports }).toEqual({ passes: 1, reports: [report] });
  });

  test("tries objects again whose failure may pass, and says it is over only when it is", async () => {
    const report = failed(["a.csv", down()]);
    const { passes, lines, error } = await run([report, report, report, DONE], { once: true });
    expect({ passes, error }).toEqual({ passes: 4, error: undefined });
    expect(lines.filter(({ level }) => level === "info")).toEqual([
      { level: "info", attempts: 3, msg: "working again" },
    ]);
    expect(lines.at(-1)?.msg).toBe("working again");
    expect(new Set(lines.map(({ msg }) => msg)).size, "no line twice").toBe(lines.length);
  });
});

describe("stopping and waking", () => {
  function start(options: Partial<PollingOptions<PassReport>> = {}) {
    const clock = endlessClock();
    const stop = new AbortController();
    const waker = createWaker();
    const pass = vi.fn(async (_signal: AbortSignal): Promise<PassReport> => DONE);
    const { logger, lines } = recordingLogger();
    const { signal } = stop;
    const ended = poll({ pass, intervalMs: 5000, once: false, signal, clock, logger, waker, ...options });
    const asleep = (times: number) => vi.waitFor(() => expect(clock.sleeping).toBe(times), { interval: 1 });
    return { stop, waker, pass, ended, asleep, lines };
  }

  test("a wake ends a sleep, one only", async () => {
    const { waker, pass, stop, ended, asleep } = start();
    await asleep(1);
    expect(pass).toHaveBeenCalledTimes(1);
    waker.wake();
    waker.wake();
    await asleep(2);
    expect(pass).toHaveBeenCalledTimes(2);
    stop.abort();
    await ended;
  });

  test("a wake during a pass counts for the sleep after it", async () => {
    const { waker, pass, stop, ended, asleep } = start();
    await asleep(1);
    pass.mockImplementationOnce(async () => {
      waker.wake();
      return DONE;
    });
    waker.wake();
    await asleep(2);
    expect(pass).toHaveBeenCalledTimes(3);
    stop.abort();
    await ended;
  });

  test("a stop ends a sleep, and no pass follows", async () => {
    const { pass, stop, ended, asleep } = start();
    await asleep(1);
    stop.abort();
    await ended;
    expect(pass).toHaveBeenCalledTimes(1);
  });

  test("a stop reaches the pass, and what that throws then is no failure", async () => {
    const pass = (signal: AbortSignal) =>
      new Promise<PassReport>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(down()));
      });
    const { stop, ended, lines } = start({ pass, once: true });
    stop.abort();
    await ended;
    expect(lines).toEqual([]);
  });

  test("a loop that is stopped before it begins does nothing", async () => {
    const pass = vi.fn(async () => DONE);
    await start({ pass, signal: AbortSignal.abort() }).ended;
    expect(pass).not.toHaveBeenCalled();
  });
});

describe("wakes that come often", () => {
  /** A loop on a clock that moves only when it is told to. Each pass takes `workMs`; its start is written down. */
  function start(gatherMs: number, { workMs = 0, error }: { workMs?: number; error?: Error } = {}) {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const sleep = (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        setTimeout(resolve, ms);
        if (signal?.aborted) resolve();
        signal?.addEventListener("abort", () => resolve(), { once: true });
      });
    const clock = { now: () => new Date(), sleep };
    const begin = Date.now();
    const passes: number[] = [];
    const pass = async (): Promise<PassReport> => {
      passes.push(Date.now() - begin);
      if (workMs > 0) await sleep(workMs);
      if (error) throw error;
      return DONE;
    };
    const waker = createWaker(gatherMs);
    const stop = new AbortController();
    const { logger } = recordingLogger();
    void poll({ pass, intervalMs: 5000, once: false, signal: stop.signal, clock, logger, waker });
    onTestFinished(() => stop.abort());
    /** Wakes the loop every so many milliseconds. */
    const wakeEvery = async (everyMs: number, times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        await vi.advanceTimersByTimeAsync(everyMs);
        waker.wake();
      }
    };
    return { passes, wakeEvery };
  }

  test("a burst causes one pass, a little later", async () => {
    const { passes, wakeEvery } = start(150);
    await wakeEvery(10, 14);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(passes).toEqual([0, 160]);
  });

  test("a stream of them causes passes at a bounded pace, and the poll remains", async () => {
    const { passes, wakeEvery } = start(150);
    await wakeEvery(1, 1_000);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(passes.length).toBeLessThanOrEqual(9);
    expect(passes.at(-1)).toBeGreaterThanOrEqual(5_000);
  });

  test.each([
    { workMs: 2_000, expected: [0, 2_150, 6_150, 10_150] },
    { workMs: 20_000, expected: [0, 20_150, 45_150, 70_150] },
  ])(
    "passes of $workMs ms leave rests as long, but never beyond the interval",
    async ({ workMs, expected }) => {
      const { passes, wakeEvery } = start(150, { workMs });
      await wakeEvery(100, 800);
      expect(passes.slice(0, expected.length)).toEqual(expected);
    },
  );

  test("a pass that fails is tried again at its own pace, whatever wakes", async () => {
    const { passes, wakeEvery } = start(150, { error: down() });
    await wakeEvery(20, 500);
    expect(passes.length).toBeLessThanOrEqual(3);
  });
});

describe("the system's clock", () => {
  test("sleeps", async () => {
    const before = performance.now();
    await systemClock.sleep(20);
    expect(performance.now() - before).toBeGreaterThan(15);
  });

  test.each([
    ["before it sleeps", () => AbortSignal.abort()],
    ["while it sleeps", () => AbortSignal.timeout(5)],
  ])("does not throw where it is broken off %s", async (_when, signal) => {
    await systemClock.sleep(60_000, signal());
  });
});
