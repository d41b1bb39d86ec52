import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { meterObjects, withoutSummary } from "../../src/meter/meter.ts";
import { createTerminalMeters, isWatched } from "../../src/meter/terminal-meters.ts";

const [ERASE_LINE, LINE_UP] = ["\u001b[2K", "\u001b[1A"];
const CONTROLS = new RegExp(`(\\r|\\n|${RegExp.escape(ERASE_LINE)}|${RegExp.escape(LINE_UP)})`);

/** A stream that says it is a terminal, and what somebody sees there who understands the two controls that meters use. */
class Terminal extends Writable {
  readonly isTTY = true;
  columns = 100;
  written = "";
  readonly #lines: string[] = [""];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const text = chunk.toString("utf8");
    this.written += text;
    for (const part of text.split(CONTROLS)) this.#print(part);
    done();
  }

  get lines(): string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  #print(part: string): void {
    if (part === "\n") this.#lines.push("");
    else if (part === ERASE_LINE) this.#lines[this.#lines.length - 1] = "";
    else if (part === LINE_UP) this.#lines.pop();
    else if (part !== "\r") this.#lines[this.#lines.length - 1] += part;
  }
}

function onTerminal() {
  const terminal = new Terminal();
  const time = { ms: 0 };
  const meters = createTerminalMeters(terminal, () => time.ms);
  return { terminal, time, meters };
}

const OBJECTS = { title: "cleaning", past: "cleaned", unit: "objects", total: 10_000 } as const;

describe("a meter", () => {
  test("shows how much of how much is done, how fast, and how long it will take", () => {
    const { terminal, time, meters } = onTerminal();
    const meter = meters.open(OBJECTS);
    time.ms = 1_000;
    meter.add(2_500);
    expect(terminal.lines).toEqual([
      "cleaning  ██████░░░░░░░░░░░░░░░░░░   25%  2,500/10,000 objects  2,500/s  3 s left",
    ]);
    time.ms = 2_000;
    meter.add(1_500);
    expect(terminal.lines[0]).toContain(" 40%  4,000/10,000 objects  2,000/s  3 s left");
    meters.close();
  });

  test("counts bytes in megabytes", () => {
    const { terminal, time, meters } = onTerminal();
    const meter = meters.open({ title: "importing", unit: "bytes", total: 5_000_000_000 });
    time.ms = 1_000;
    meter.add(20_000_000);
    expect(terminal.lines[0]).toMatch(/0% {2}20\/5,000 MB {2}20\.0 MB\/s {2}4 min 9 s left$/);
    meters.close();
  });

  test("does not appear for what is done in half a second", () => {
    const { terminal, time, meters } = onTerminal();
    const meter = meters.open({ ...OBJECTS, total: 3 });
    time.ms = 400;
    meter.add(3);
    time.ms = 499;
    meter.close();
    expect(terminal.written).toBe("");
  });

  test("leaves one line behind that says what was done, also where it was not all", () => {
    const { terminal, time, meters } = onTerminal();
    for (const done of [10_000, 4_000]) {
      const meter = meters.open(OBJECTS);
      time.ms += 4_000;
      meter.add(done);
      meter.close();
    }
    const lines = [
      "cleaned 10,000 objects in 4.0 s, 2,500/s",
      "cleaned 4,000/10,000 objects in 4.0 s, 1,000/s",
      "",
    ];
    expect(terminal.lines).toEqual(lines);
  });

  test("leaves nothing behind where somebody else says what was done", () => {
    const { terminal, time, meters } = onTerminal();
    const meter = withoutSummary(meters.open)(OBJECTS);
    time.ms = 4_000;
    meter.add(10_000);
    meter.close();
    expect(terminal.lines).toEqual([""]);
    expect(terminal.written).not.toBe("");
  });

  test("never wraps, however narrow the terminal becomes", () => {
    const { terminal, time, meters } = onTerminal();
    const meter = meters.open(OBJECTS);
    for (const columns of [200, 60, 30, 8, 1]) {
      terminal.columns = columns;
      time.ms += 1_000;
      meter.add(100);
      expect(terminal.lines).toHaveLength(1);
      expect([...terminal.lines[0]!].length).toBeLessThan(columns);
    }
    meters.close();
  });

  test("turns no setting of the terminal on", () => {
    const { terminal, time, meters } = onTerminal();
    const meter = meters.open(OBJECTS);
    time.ms = 1_000;
    meter.add(1);
    meters.close();
    expect(terminal.written.replaceAll(ERASE_LINE, "")).not.toContain("\u001b");
  });
});

describe("what is written beside meters", () => {
  test("stands above them, line by line", () => {
    const { terminal, time, meters } = onTerminal();
    const first = meters.open(OBJECTS);
    const second = meters.open({ title: "taking in", unit: "objects", total: 500 });
    time.ms = 1_000;
    first.add(1);
    second.add(1);
    meters.around(() => terminal.write("a warning\n"));
    meters.around(() => terminal.write("another\n"));
    const [a, b, ...shown] = terminal.lines;
    expect([a, b]).toEqual(["a warning", "another"]);
    expect(shown.map((line) => line.split("  ")[0])).toEqual(["cleaning", "taking in"]);
    first.close();
    expect(terminal.lines.slice(0, 3)).toEqual([
      "a warning",
      "another",
      expect.stringContaining("cleaned 1/10,000"),
    ]);
    meters.close();
    expect(terminal.lines.at(-1)).toBe("");
  });

  test("is left as it is when nothing is shown", () => {
    const { terminal, meters } = onTerminal();
    meters.around(() => terminal.write("a line\n"));
    meters.close();
    expect(terminal.written).toBe("a line\n");
  });

  test("need not tell of each piece of a backlog", () => {
    const { time, meters } = onTerminal();
    expect(meters.isBusy).toBe(false);
    const few = meters.open({ ...OBJECTS, total: 3 });
    expect(meters.isBusy).toBe(false);
    time.ms = 600;
    expect(meters.isBusy).toBe(true);
    few.close();
    const many = meters.open(OBJECTS);
    expect(meters.isBusy).toBe(true);
    many.close();
    expect(meters.isBusy).toBe(false);
  });
});

describe("a meter of objects", () => {
  const opened = (sizes: readonly number[], isService: boolean) => {
    const { terminal, time, meters } = onTerminal();
    const meter = meterObjects(meters.open, { title: "cleaning", isService })(sizes);
    return { terminal, time, meters, meter };
  };

  test("counts many small ones one by one", () => {
    const { terminal, time, meters, meter } = opened(new Array(300).fill(1_000), true);
    time.ms = 1_000;
    const object = meter.begin(1_000);
    object.read(1_000);
    object.end();
    expect(terminal.lines[0]).toContain("1/300 objects");
    meters.close();
  });

  test("counts bytes where one is large, and none of them twice", () => {
    const { terminal, time, meters, meter } = opened([50_000_000, 50_000_000], false);
    time.ms = 1_000;
    const object = meter.begin(50_000_000);
    object.read(30_000_000);
    expect(terminal.lines[0]).toContain("30/100 MB");
    object.read(40_000_000);
    object.end();
    time.ms = 2_000;
    meter.begin(50_000_000).read(10_000_000);
    expect(terminal.lines[0]).toContain("60/100 MB");
    meters.close();
  });

  test("says nothing of the everyday work of a service", () => {
    const { terminal, time, meter } = opened([1_000, 1_000, 1_000], true);
    time.ms = 1_000;
    meter.begin(1_000).end();
    expect(terminal.written).toBe("");
  });
});

test.each([
  [true, { isTTY: true }, {}],
  [true, { isTTY: true }, { CI: "false", TERM: "xterm" }],
  [false, { isTTY: false }, {}],
  [false, {}, {}],
  [false, { isTTY: true }, { CI: "true" }],
  [false, { isTTY: true }, { TERM: "dumb" }],
])("somebody watches: %s for %o and %o", (isSeen, screen, env) => {
  expect(isWatched({ ...screen, write: () => true }, env)).toBe(isSeen);
});
