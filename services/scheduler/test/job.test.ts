import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { type Bench, createBench, DAILY, failing } from "./bench.ts";

const HOUR = 3_600_000;
const HOURLY = { cron: "0 * * * *" };
const ARRIVAL = { onArrival: true };

const dues = ({ runs }: Bench): (string | undefined)[] =>
  runs.map(({ due }) => due?.toISOString().slice(5, 16).replace("T", " "));

/** A bench with a file that has lain there for long, and a job that has looked once. */
async function started(instant: string, schedule: Parameters<Bench["job"]>[0]) {
  const bench = await createBench("2026-01-01T00:00:00Z");
  bench.put("sales.csv");
  bench.clock.set(instant);
  const job = bench.job(schedule);
  await job.pass();
  return { ...bench, scheduler: job };
}

describe("a pipeline with times", () => {
  test("runs once at each of them, and not before its first", async () => {
    const bench = await started("2026-03-01T08:59:58Z", DAILY);
    expect(bench.runs).toEqual([]);
    expect((await bench.scheduler.pass()).moreInMs).toBe(2000);
    for (let hour = 0; hour < 50; hour++) {
      bench.clock.pass(HOUR);
      await bench.scheduler.pass();
      await bench.scheduler.pass();
    }
    expect(dues(bench)).toEqual(["03-01 09:00", "03-02 09:00", "03-03 09:00"]);
    expect(bench.runs.map(({ trigger, attempt }) => `${trigger} ${attempt}`)).toEqual(
      Array(3).fill("schedule 1"),
    );
  });

  test("makes up for several missed times by one run, also after a restart", async () => {
    const bench = await started("2026-03-01T10:00:00Z", DAILY);
    bench.clock.set("2026-03-05T12:00:00Z");
    const restarted = bench.job(DAILY);
    await restarted.pass();
    await restarted.pass();
    await bench.scheduler.pass();
    expect(dues(bench)).toEqual(["03-05 09:00"]);
  });

  test("neither runs twice nor leaves anything out where the clock jumps", async () => {
    const bench = await started("2026-03-01T10:30:00Z", HOURLY);
    const at = async (instant: string) => {
      bench.clock.set(instant);
      await bench.scheduler.pass();
      // What is stored says the same as what is remembered.
      await bench.job(HOURLY).pass();
    };
    await at("2026-03-01T11:00:01Z");
    await at("2026-03-01T10:10:00Z");
    await at("2026-03-01T10:59:59Z");
    await at("2026-03-01T11:00:02Z");
    await at("2026-03-01T12:00:00Z");
    expect(dues(bench)).toEqual(["03-01 11:00", "03-01 12:00"]);
    // A year ahead, and back: the hours of this year are still to come.
    await at("2027-03-01T12:30:00Z");
    await at("2026-03-01T12:30:00Z");
    await at("2026-03-01T13:00:00Z");
    await at("2026-03-01T14:00:00Z");
    expect(dues(bench)).toEqual(["03-01 11:00", "03-01 12:00", "03-01 12:00", "03-01 13:00", "03-01 14:00"]);
  });

  test("has them in its zone: what spring leaves out comes later, what autumn has twice comes once", async () => {
    const night = { cron: "30 2 * * *", timezone: "Europe/Paris" };
    for (const [day, expected] of [
      ["2026-03-28T12:00:00Z", ["03-29 01:00", "03-30 00:30"]],
      ["2026-10-24T12:00:00Z", ["10-25 00:30", "10-26 01:30"]],
    ] as const) {
      const bench = await started(day, night);
      for (let quarter = 0; quarter < 4 * 40; quarter++) {
        bench.clock.pass(HOUR / 4);
        await bench.scheduler.pass();
      }
      expect(dues(bench)).toEqual(expected);
    }
  });

  test("without any file is no failure: a line says that a run is left out, and nothing is written", async () => {
    const bench = await createBench("2026-03-01T08:00:00Z");
    const job = bench.job(DAILY);
    await job.pass();
    bench.clock.pass(2 * HOUR);
    for (let look = 0; look < 3; look++) expect(await job.pass()).toMatchObject({ moreInMs: undefined });
    expect(bench.lines.map(({ msg }) => msg)).toEqual([
      "shop was due at 2026-03-01T09:00:00.000Z, but has no files in bronze: skipped",
    ]);
    expect(existsSync(path.join(bench.folder, "gold"))).toBe(false);
  });

  test("that are changed begin anew: the time before the change was not missed", async () => {
    const bench = await started("2026-03-01T10:00:00Z", DAILY);
    bench.clock.set("2026-03-01T15:00:00Z");
    const changed = bench.job({ cron: "0 14 * * *" });
    await changed.pass();
    expect(bench.runs).toEqual([]);
    bench.clock.set("2026-03-02T14:00:00Z");
    await changed.pass();
    expect(dues(bench)).toEqual(["03-02 14:00"]);
  });
});

describe("a pipeline that runs on arrival", () => {
  test("runs when files were added, replaced or removed, and nothing is being added any more", async () => {
    const bench = await createBench("2026-03-01T08:00:00Z");
    const job = bench.job(ARRIVAL, { intervalMs: 5000 });
    const looks = async (count: number) => {
      for (let look = 0; look < count; look++) {
        await job.pass();
        bench.clock.pass(5000);
      }
      return bench.runs.splice(0).map(({ trigger }) => trigger);
    };
    bench.put("sales_1.csv");
    expect(await looks(1)).toEqual([]);
    bench.put("sales_2.csv");
    expect(await looks(2)).toEqual([]);
    expect(await looks(3)).toEqual(["arrival"]);
    bench.put("sales_2.csv", "id\n2\n3\n");
    expect(await looks(5)).toEqual(["arrival"]);
    // Its clock was wrong: it counts from when it was seen.
    bench.clock.set("2026-04-01T00:00:00Z");
    bench.put("sales_3.csv");
    bench.clock.set("2026-03-01T09:00:00Z");
    expect(await looks(4)).toEqual(["arrival"]);
    expect(await looks(3)).toEqual([]);
    expect(bench.told.filter((text) => text.startsWith("told"))).toHaveLength(3);
  });

  test("does not run files again that failed by themselves, until one changes", async () => {
    const bench = await started("2026-03-01T08:00:00Z", {});
    const job = bench.job(ARRIVAL);
    bench.outcomes.push(failing("check_failed", "Check few of shop failed"));
    for (let look = 0; look < 5; look++) {
      await job.pass();
      bench.clock.pass(HOUR);
    }
    expect(bench.runs).toHaveLength(1);
    expect(bench.told).toEqual([
      expect.stringMatching(/^raised The run of shop failed: Check few of shop failed\nRun /),
    ]);
    bench.put("sales.csv", "id\n7\n8\n");
    bench.clock.pass(HOUR);
    await job.pass();
    expect(bench.runs).toHaveLength(2);
    expect(bench.told.slice(1)).toEqual([
      "over run/shop",
      expect.stringMatching(/^told shop is published: run .*\nPublished: sales.csv in /),
    ]);
  });

  test("that lacks a file waits for it without an alarm", async () => {
    const bench = await started("2026-03-01T08:00:00Z", {});
    bench.outcomes.push(failing("input_missing", "Bronze has no clients.csv"));
    await bench.job(ARRIVAL).pass();
    expect(bench.told).toEqual([]);
    expect(bench.lines.at(-1)?.msg).toBe("shop waits for more files: Bronze has no clients.csv");
  });
});

describe("a run that fails", () => {
  test("for a reason that may pass is tried again after pauses that double, then raises an alarm", async () => {
    const bench = await started("2026-03-01T08:00:00Z", DAILY);
    const fails = failing("storage_unavailable", "The store is away");
    bench.outcomes.push(fails, fails, fails);
    bench.clock.set("2026-03-01T09:00:00Z");
    const times: string[] = [];
    for (let look = 0; look < 60; look++) {
      const before = bench.runs.length;
      // Each look by a scheduler that was just restarted.
      await bench.job(DAILY).pass();
      if (bench.runs.length > before) times.push(bench.clock.now().toISOString().slice(11, 19));
      bench.clock.pass(5000);
    }
    expect(times).toEqual(["09:00:00", "09:01:00", "09:03:00"]);
    expect(bench.runs.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(bench.told).toEqual([
      expect.stringMatching(
        /^raised The run of shop failed: The store is away\nRun .*, attempt 3\. Gold is as it was\.$/,
      ),
    ]);
    bench.clock.set("2026-03-02T09:00:00Z");
    await bench.job(DAILY).pass();
    expect(bench.told.slice(1, 2)).toEqual(["over run/shop"]);
  });

  test("for the data's sake is not tried again", async () => {
    const bench = await started("2026-03-01T08:00:00Z", DAILY);
    bench.outcomes.push(failing("source_invalid", "sales.csv has no id"));
    bench.clock.set("2026-03-01T09:00:00Z");
    for (let look = 0; look < 3; look++) {
      await bench.scheduler.pass();
      bench.clock.pass(HOUR);
    }
    expect(bench.runs).toHaveLength(1);
    expect(bench.state()).toMatchObject({ handled: "2026-03-01T09:00:00.000Z", failed: {} });
  });

  test("and was put right by hand is no alarm any more", async () => {
    const bench = await started("2026-03-01T08:00:00Z", DAILY);
    bench.outcomes.push(failing("source_invalid"));
    bench.clock.set("2026-03-01T09:00:00Z");
    await bench.scheduler.pass();
    const { failed: _, ...state } = bench.state();
    const succeeded = { run: "by hand", at: bench.clock.now().toISOString(), fingerprint: "" };
    await bench.lake.gold.write(
      "shop/_runs/schedule.json",
      Buffer.from(JSON.stringify({ ...state, succeeded })),
    );
    await bench.scheduler.pass();
    expect(bench.told.at(-1)).toBe("over run/shop");
  });

  test("because it takes too long is broken off, says so, and is tried again", async () => {
    const bench = await started("2026-03-01T08:00:00Z", { ...DAILY, timeoutMs: 120_000 });
    bench.outcomes.push(
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    bench.clock.set("2026-03-01T09:00:00Z");
    await bench.clock.during(bench.scheduler.pass());
    expect(bench.lines.at(-1)?.msg).toMatch(/tried again in 60 s: The run of shop was given up after 120 s/);
    expect(bench.state().begun).toMatchObject({ attempt: 2 });
  });
});

describe("a run that is broken off", () => {
  test("by a scheduler that is stopped goes on with the next one, as if it had not begun", async () => {
    const bench = await started("2026-03-01T08:00:00Z", DAILY);
    bench.clock.set("2026-03-01T09:00:00Z");
    const stop = new AbortController();
    bench.outcomes.push(({ signal }) => {
      stop.abort();
      signal.throwIfAborted();
    });
    await bench.scheduler.pass(stop.signal);
    await bench.job(DAILY).pass();
    expect(dues(bench)).toEqual(["03-01 09:00", "03-01 09:00"]);
    expect(bench.told).toEqual([expect.stringContaining("told shop is published")]);
  });

  test("again and again by the end of its process is given up, until it is due again", async () => {
    const bench = await started("2026-03-01T08:00:00Z", DAILY);
    bench.clock.set("2026-03-01T09:00:00Z");
    for (let kills = 1; kills <= 4; kills++) {
      bench.outcomes.push(() => new Promise(() => undefined));
      void bench.job(DAILY).pass();
      await vi.waitFor(() => expect(bench.runs).toHaveLength(kills));
      await bench.lake.gold.delete("shop/_runs/lease.json");
    }
    for (let look = 0; look < 2; look++) await bench.job(DAILY).pass();
    expect(bench.runs).toHaveLength(4);
    expect(bench.told).toEqual([expect.stringMatching(/^raised The run of shop is given up: .* 4 times/)]);
    bench.clock.set("2026-03-02T09:00:00Z");
    await bench.job(DAILY).pass();
    expect(dues(bench).at(-1)).toBe("03-02 09:00");
  });
});
