import type { ChildProcess } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { naiveGold } from "./naive-gold.ts";
import { finished, type Lake, pause, temporaryLake } from "./support.ts";

const FAST = {
  POLL_INTERVAL: "50ms",
  GENERATOR_HISTORY_DAYS: "0",
  GENERATOR_ROWS: "orders=60,customers=20,clicks=60",
};

/** More for a long run. */
const KILLING_MS = Number(process.env.INGOT_TEST_KILL_SECONDS ?? 7) * 1000;
const LEAST_OBJECTS = 10;
const PATIENCE_MS = 40_000;

/** A service that is killed at random instants and started again, until the end is near. */
async function killedAgainAndAgain(
  lake: Lake,
  command: string,
  isOver: () => boolean,
  random: () => number,
): Promise<number> {
  let kills = 0;
  while (!isOver()) {
    const child = lake.start(command, FAST);
    const end = finished(child);
    await pause(400 + random() * 3000);
    if (child.exitCode === null) kill(child);
    await end;
    kills += 1;
  }
  return kills;
}

function kill(child: ChildProcess): void {
  child.kill("SIGKILL");
}

/** Small, seeded and good enough to choose instants. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("services killed at any instant, two of each at once", () => {
  it("end in the gold that a naive computation from bronze gives", {
    timeout: KILLING_MS + 120_000,
  }, async () => {
    const lake = temporaryLake();
    const end = Date.now() + KILLING_MS;
    // A busy machine needs longer until anything has come about at all.
    const hasEnough = (): boolean =>
      lake.files("bronze").length > LEAST_OBJECTS || Date.now() > end + PATIENCE_MS;
    const isOver = (): boolean => Date.now() > end && hasEnough();
    const commands = ["generate --seed 1", "generate --seed 2", "clean", "clean", "aggregate", "aggregate"];
    const kills = await Promise.all(
      commands.map((command, index) => killedAgainAndAgain(lake, command, isOver, randomFrom(index + 1))),
    );
    for (const command of ["clean --once", "aggregate --once"]) {
      expect(await lake.ingot(command, FAST), command).toMatchObject({ code: 0 });
    }
    const total = kills.reduce((sum, count) => sum + count, 0);
    console.info(`${total} kills, ${lake.files("bronze").length} bronze objects`);
    expect(total).toBeGreaterThan(commands.length * 2);
    expect(lake.files("bronze").length).toBeGreaterThan(LEAST_OBJECTS);
    expect(lake.gold()).toEqual(naiveGold(lake.bronze));
    const inputs = lake.files("bronze").length;
    expect(lake.files("silver")).toHaveLength(inputs);
    // Nobody reads a half-written object, and nobody sees one.
    for (const file of lake.files("silver"))
      expect(lake.read(path.join("silver", file)).endsWith("\n")).toBe(true);
  });
});
