import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Alarm, type AlarmEvent, type AlarmMemory, createAlarms } from "../../src/alarms/alarms.ts";
import { fileMemory } from "../../src/alarms/memory.ts";
import { recordingLogger } from "../support/recorders.ts";

const MINUTE = 60_000;
const QUIET_MS = 60 * MINUTE;
const LATE: Alarm = { id: "check/orders/freshness", severity: "warn", title: "orders are late" };

/** Alarms on a clock that is set by hand; `sent` has what a receiver has seen. */
function start({
  memory,
  clock = movableClock(),
  answers = [],
}: {
  memory?: AlarmMemory;
  clock?: ReturnType<typeof movableClock>;
  answers?: boolean[];
} = {}) {
  const sent: string[] = [];
  const sinks = [
    {
      send: async ({ state, severity, title }: AlarmEvent) => {
        sent.push(`${state} ${severity}: ${title}`);
        return answers.shift() ?? true;
      },
      close: async () => undefined,
    },
  ];
  const { logger, lines } = recordingLogger();
  const alarms = createAlarms("aggregator", { logger, clock, quietMs: QUIET_MS, sinks, memory });
  const take = async () => {
    await new Promise(setImmediate);
    return sent.splice(0);
  };
  return { alarms, clock, lines, take };
}

function movableClock() {
  let nowMs = Date.parse("2026-03-01T12:00:00Z");
  return {
    now: () => new Date(nowMs),
    sleep: async () => undefined,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe("an alarm", () => {
  test("is sent when it begins, after each quiet period while it lasts, and when it is over", async () => {
    const { alarms, clock, take } = start();
    for (let minute = 0; minute <= 130; minute++) {
      alarms.raise(LATE);
      clock.pass(MINUTE);
    }
    alarms.clear(LATE.id);
    alarms.clear(LATE.id);
    expect(await take()).toEqual([
      "raised warn: orders are late",
      "lasting warn: orders are late",
      "lasting warn: orders are late",
      "over warn: orders are late",
    ]);
    expect(alarms.active()).toEqual([]);
  });

  test("that flickers makes two messages in a quiet period, and is told again if it stays", async () => {
    const { alarms, clock, take } = start();
    for (let minute = 0; minute < 30; minute++) {
      alarms.raise(LATE);
      clock.pass(MINUTE / 2);
      alarms.clear(LATE.id);
      clock.pass(MINUTE / 2);
    }
    expect(await take()).toEqual(["raised warn: orders are late", "over warn: orders are late"]);
    for (let minute = 30; minute <= 60; minute++) {
      alarms.raise(LATE);
      clock.pass(MINUTE);
    }
    expect(await take()).toEqual(["raised warn: orders are late"]);
  });

  test("that gets worse is sent at once, but not each time where it goes up and down", async () => {
    const { alarms, clock, take } = start();
    const worse: Alarm = { ...LATE, severity: "error" };
    for (let minute = 0; minute < 20; minute++) {
      alarms.raise(minute % 2 === 0 ? LATE : worse);
      clock.pass(MINUTE);
    }
    expect(await take()).toEqual(["raised warn: orders are late", "lasting error: orders are late"]);
  });

  test("that comes on another occasion is sent at once, and logged", async () => {
    const { alarms, clock, lines, take } = start();
    for (const occasion of ["first files", "first files", "other files"]) {
      alarms.raise({ ...LATE, occasion });
      clock.pass(MINUTE / 4);
    }
    expect(await take()).toEqual(["raised warn: orders are late", "lasting warn: orders are late"]);
    expect(lines).toHaveLength(2);
  });

  test("whose title changes at each pass is logged once a minute at most", async () => {
    const { alarms, clock, lines } = start();
    for (let second = 0; second < 180; second += 5) {
      alarms.raise({ ...LATE, title: `orders are ${second} s late` });
      clock.pass(5000);
    }
    expect(lines.map(({ msg }) => msg)).toEqual([
      "orders are 0 s late",
      "orders are 60 s late",
      "orders are 120 s late",
    ]);
  });

  test("that nobody could be told of is sent anew after some minutes, and is not over for anybody", async () => {
    const { alarms, clock, take } = start({ answers: [false, false] });
    alarms.raise(LATE);
    expect(await take()).toEqual(["raised warn: orders are late"]);
    clock.pass(4 * MINUTE);
    alarms.raise(LATE);
    expect(await take()).toEqual([]);
    clock.pass(MINUTE);
    alarms.raise(LATE);
    expect(await take()).toEqual(["raised warn: orders are late"]);
    alarms.clear(LATE.id);
    expect(await take()).toEqual([]);
  });
});

describe("a notice", () => {
  test("is sent each time, and nothing is wrong for it", async () => {
    const { alarms, lines, take } = start();
    alarms.tell({ title: "published" });
    alarms.tell({ title: "published", details: "5 files" });
    expect(await take()).toEqual(["notice info: published", "notice info: published"]);
    expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
      "info published",
      "info published\n5 files",
    ]);
    expect(alarms.active()).toEqual([]);
  });
});

describe("with a memory", () => {
  function memory() {
    const folder = mkdtempSync(path.join(tmpdir(), "ingot-alarms-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const recorder = recordingLogger();
    const open = (service = "aggregator", inner = "state") =>
      fileMemory(path.join(folder, inner), { service, lakeUrl: "s3://", logger: recorder.logger });
    return { folder, open, lines: recorder.lines };
  }

  test("a service that starts every minute sends an alarm once in a quiet period", async () => {
    const { open } = memory();
    const clock = movableClock();
    const sent: string[] = [];
    for (let minute = 0; minute <= 60; minute++) {
      const { alarms, take, lines } = start({ memory: open(), clock });
      alarms.raise(LATE);
      sent.push(...(await take()));
      expect(
        lines.map(({ msg }) => msg),
        "each start has its log",
      ).toEqual(["orders are late"]);
      clock.pass(MINUTE);
    }
    expect(sent).toEqual(["raised warn: orders are late", "lasting warn: orders are late"]);
  });

  test("what is in order after a restart is told to be over", async () => {
    const { open } = memory();
    const before = start({ memory: open() });
    before.alarms.raise(LATE);
    await before.take();
    const after = start({ memory: open() });
    expect(after.alarms.active()).toEqual([LATE]);
    after.alarms.clear(LATE.id);
    expect(await after.take()).toEqual(["over warn: orders are late"]);
    expect(start({ memory: open() }).alarms.active()).toEqual([]);
  });

  test("what was not delivered is not remembered", async () => {
    const { open } = memory();
    const before = start({ memory: open(), answers: [false] });
    before.alarms.raise(LATE);
    await before.take();
    const after = start({ memory: open() });
    after.alarms.raise(LATE);
    expect(await after.take()).toEqual(["raised warn: orders are late"]);
  });

  test("two processes of a service on one machine tell once; another service tells its own", async () => {
    const { open } = memory();
    const one = start({ memory: open() });
    const two = start({ memory: open() });
    const other = start({ memory: open("cleaner") });
    one.alarms.raise(LATE);
    const first = await one.take();
    two.alarms.raise(LATE);
    other.alarms.raise(LATE);
    expect([first.length, (await two.take()).length, (await other.take()).length]).toEqual([1, 0, 1]);
  });

  test("a file that is damaged or cannot be written costs a message more, and a warning", async () => {
    const { folder, open, lines } = memory();
    const before = start({ memory: open() });
    before.alarms.raise(LATE);
    await before.take();
    const [file] = readdirSync(path.join(folder, "state"));
    const whole = path.join(folder, "state", file!);
    expect(Object.keys(JSON.parse(readFileSync(whole, "utf8")))).toEqual([LATE.id]);
    writeFileSync(whole, '{"check/orders/freshness": {"state": "rai');
    const after = start({ memory: open() });
    after.alarms.raise(LATE);
    expect(await after.take()).toEqual(["raised warn: orders are late"]);
    writeFileSync(path.join(folder, "taken"), "");
    const unable = start({ memory: open("aggregator", "taken") });
    unable.alarms.raise(LATE);
    expect(await unable.take()).toEqual(["raised warn: orders are late"]);
    expect(lines.map(({ msg }) => msg)).toEqual([expect.stringContaining("Set ALARM_STATE_DIR")]);
  });
});
