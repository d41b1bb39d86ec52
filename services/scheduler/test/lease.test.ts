import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Lake, ObjectStore } from "@ingot/common";
import { describe, expect, test, vi } from "vitest";
import { recordingLogger } from "../../../packages/common/test/support/recorders.ts";
import { fencedLake } from "../src/lease/fenced-lake.ts";
import { type Lease, type LeaseHolder, takeLease } from "../src/lease/lease.ts";
import { type Bench, createBench } from "./bench.ts";
import type { MovableClock } from "./movable-clock.ts";

const KEY = "gold/shop/_runs/lease.json";
const NOW = new Date().toISOString();

const options = ({ lake, clock }: { lake: Pick<Lake, "gold">; clock: MovableClock }) => ({
  gold: lake.gold,
  pipeline: "shop",
  trigger: "schedule" as const,
  clock,
  logger: recordingLogger().logger,
  signal: new AbortController().signal,
});

async function taken(bench: Pick<Bench, "lake" | "clock">): Promise<Lease> {
  const answer = await takeLease(options(bench));
  if ("holder" in answer) throw new Error(`held by ${answer.holder.owner}`);
  return answer.lease;
}

const stored = ({ folder }: Bench): LeaseHolder => JSON.parse(readFileSync(path.join(folder, KEY), "utf8"));

/** A bench whose clock stands while gold is read or written, so that a busy machine makes nobody look dead. */
async function timedBench(): Promise<Bench & { during: MovableClock["during"] }> {
  const bench = await createBench(NOW);
  const { gold } = bench.lake;
  let busy = 0;
  const counted =
    <Given extends unknown[], T>(work: (...given: Given) => Promise<T>) =>
    async (...given: Given): Promise<T> => {
      busy += 1;
      try {
        return await work(...given);
      } finally {
        // What follows at once belongs to it.
        setImmediate(() => {
          busy -= 1;
        });
      }
    };
  const watched: ObjectStore = Object.create(gold, {
    read: {
      value: counted(async (key: string) => {
        const { body, ...about } = await gold.read(key);
        const chunks = await Array.fromAsync(body);
        return {
          ...about,
          body: (async function* () {
            yield* chunks;
          })(),
        };
      }),
    },
    write: { value: counted(gold.write.bind(gold)) },
    delete: { value: counted(gold.delete.bind(gold)) },
  });
  const during: MovableClock["during"] = (work) => bench.clock.during(work, () => busy > 0);
  return { ...bench, lake: { ...bench.lake, gold: watched }, during };
}

/** Leaves the lease of a process behind that runs on another machine, or has ended there. */
function leftBehind(bench: Bench, given: Partial<LeaseHolder> = {}): void {
  const holder = { ...stored(bench), owner: "somebody", machine: "another", ...given };
  writeFileSync(path.join(bench.folder, KEY), JSON.stringify(holder));
}

describe("the lease of a pipeline", () => {
  test("is had by one of many who want it at once, and by the next when it is released", async () => {
    const bench = await createBench(NOW);
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => takeLease(options(bench))));
      const leases = answers.flatMap((answer) => ("lease" in answer ? [answer.lease] : []));
      expect(leases).toHaveLength(1);
      await leases[0]!.release();
    }
  });

  test("is kept from others for as long as its holder renews it, whatever their clocks say", async () => {
    const bench = await timedBench();
    const lease = await taken(bench);
    // A clock that is far ahead, or far behind: the lease looks long dead, or not born yet.
    for (const offset of [3600_000, -3600_000]) {
      const clock = { ...bench.clock, now: () => new Date(bench.clock.now().getTime() + offset) };
      const answer = await bench.during(takeLease(options({ ...bench, clock })));
      expect(answer).toMatchObject({ holder: { pid: process.pid } });
    }
    expect(lease.signal.aborted).toBe(false);
    await lease.release();
  });

  test("is taken over after 45 seconds from a holder of whom nothing is heard", async () => {
    const bench = await timedBench();
    await taken(bench);
    leftBehind(bench);
    const start = bench.clock.now().getTime();
    for (;;) {
      const answer = await bench.during(takeLease(options(bench)));
      if ("lease" in answer) break;
      bench.clock.pass(1000);
    }
    const seconds = (bench.clock.now().getTime() - start) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(40);
    expect(seconds).toBeLessThan(50);
  });

  test("is taken over at once from a process of this machine that has ended", async () => {
    const bench = await createBench(NOW);
    await taken(bench);
    leftBehind(bench, { machine: stored(bench).machine!, pid: 2 ** 22 + 1 });
    expect(await takeLease(options(bench))).toHaveProperty("lease");
  });

  test("that was lost to another process is told to its holder, who writes nothing any more", async () => {
    const bench = await createBench(NOW);
    const lease = await taken(bench);
    const lake = fencedLake(bench.lake, lease);
    await lake.gold.write("shop/latest/a.csv", Buffer.from("a"));
    leftBehind(bench);
    // It stood still for a while: it has to ask before it writes.
    bench.clock.set(new Date(Date.parse(NOW) + 60_000).toISOString());
    const error = { code: "run_busy", message: expect.stringContaining("taken over the runs of shop") };
    await expect(lake.gold.write("shop/latest/b.csv", Buffer.from("b"))).rejects.toMatchObject(error);
    await expect(lake.silver.delete("shop/x")).rejects.toMatchObject(error);
    expect(lease.signal.aborted).toBe(true);
    await lease.release();
    expect(stored(bench).owner).toBe("somebody");
  });

  test("is renewed again after the storage was away", async () => {
    const bench = await createBench(NOW);
    let isAway = false;
    const { gold } = bench.lake;
    const shaky: ObjectStore = Object.create(gold, {
      read: { value: (key: string) => (isAway ? Promise.reject(new Error("away")) : gold.read(key)) },
      write: { value: gold.write.bind(gold) },
      delete: { value: gold.delete.bind(gold) },
    });
    const lease = await taken({ lake: { ...bench.lake, gold: shaky }, clock: bench.clock });
    const first = stored(bench).renewed_at;
    isAway = true;
    for (let second = 0; second < 30; second++) bench.clock.pass(1000);
    await expect(lease.ensure()).rejects.toThrow("away");
    isAway = false;
    await vi.waitFor(() => {
      bench.clock.pass(1000);
      expect(stored(bench).renewed_at > first).toBe(true);
    });
    await lease.ensure();
    await lease.release();
  });
});
