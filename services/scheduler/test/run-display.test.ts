import type { RunRecord, RunStep } from "@ingot/engine/batch";
import { describe, expect, test } from "vitest";
import { createRunDisplay } from "../src/run/run-display.ts";

const step = (name: string): RunStep => ({ name, status: "waiting" });

/** What a terminal shows after it was written to: lines are written over where the cursor went up. */
function shown(written: string): string[] {
  const lines: string[] = [];
  let row = 0;
  for (const part of written.replaceAll("\u001b", "␛").split(/(␛\[\d+A|␛\[2K|\n)/)) {
    const up = /^␛\[(\d+)A$/.exec(part);
    if (up) row -= Number(up[1]);
    else if (part === "␛[2K") lines[row] = "";
    else if (part === "\n") row += 1;
    else lines[row] = (lines[row] ?? "") + part;
  }
  return lines.filter((line) => line !== "");
}

function display(screen: { isTerminal: boolean; columns?: number; rows?: number }) {
  let written = "";
  const write = (text: string): void => {
    written += text;
  };
  const steps = [step("shops"), step("sales")];
  const record = { steps } as Partial<RunRecord> as RunRecord;
  const view = createRunDisplay({ columns: 100, rows: 24, ...screen, write });
  const change = (at: number, changes: Partial<RunStep>): void => {
    Object.assign(steps[at]!, changes);
    view.show(record, steps[at]);
  };
  view.show(record, undefined);
  change(0, { status: "running" });
  change(0, { status: "done", rows: 2, took_ms: 61_000 });
  change(1, { status: "running", rows: 1 });
  const records = { objects: 1, read: 9, kept: 4, rejected: 3, duplicates: 1, dropped: 1, reasons: {} };
  change(1, { status: "failed", rows: 4, took_ms: 12, records, error: "A check failed.\nMore." });
  view.close();
  return written;
}

describe("how far a run is", () => {
  test("stands in place on a terminal", () => {
    expect(shown(display({ isTerminal: true }))).toEqual(
      [
        "  shops done           2 rows    1 min 1 s",
        "  sales failed         4 rows        12 ms   9 read: 4 kept, 3 rejected, 1 duplicates, 1 empty; A check failed.",
      ].map((line) => line.slice(0, 99)),
    );
  });

  test("keeps to a terminal that is narrow and low", () => {
    const lines = shown(display({ isTerminal: true, columns: 20, rows: 3 }));
    expect(lines).toEqual(["  sales failed     "]);
  });

  test("is a line for each step elsewhere", () => {
    const written = display({ isTerminal: false });
    expect(written).not.toContain("\u001b");
    expect(written.split("\n").map((line) => line.slice(0, 14).trim())).toEqual([
      "shops done",
      "sales failed",
      "",
    ]);
  });
});
