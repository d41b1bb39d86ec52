import type { RunRecord, RunStep } from "@ingot/engine/batch";
import { hasEnded, stepLine, stepLines, widest } from "./run-text.ts";

/** The terminal, or whatever takes its place. */
export interface Screen {
  isTerminal: boolean;
  columns: number;
  rows: number;
  write(text: string): void;
}

/** Shows how far a run is: on a terminal a table that changes in place, elsewhere a line for each step that has ended. */
export interface RunDisplay {
  show(record: Readonly<RunRecord>, step: Readonly<RunStep> | undefined): void;
  /** Leaves what is shown standing: something else is about to be written below. */
  interrupt(): void;
  /** The table as it stands at the end. */
  close(): void;
}

const REDRAW_MS = 80;
const ROOM_BELOW = 2;

export function createRunDisplay(screen: Screen, now: () => number = () => performance.now()): RunDisplay {
  return screen.isTerminal ? liveTable(screen, now) : lines(screen);
}

function liveTable(screen: Screen, now: () => number): RunDisplay {
  let height = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let last: Readonly<RunRecord> | undefined;
  const draw = (): void => {
    if (!last) return;
    // A line that wraps, or a table that is higher than the terminal, could not be written over.
    const all = stepLines(last.steps).map((line) => line.slice(0, screen.columns - 1));
    const shown = all.slice(-Math.max(1, screen.rows - ROOM_BELOW));
    const up = height > 0 ? `\u001b[${height}A` : "";
    screen.write(`${up}${shown.map((line) => `\u001b[2K${line}\n`).join("")}`);
    height = shown.length;
    drawnAt = now();
  };
  return {
    show: (record, step) => {
      last = record;
      const isNews = step === undefined || step.status !== "running";
      if (isNews || now() - drawnAt >= REDRAW_MS) draw();
    },
    interrupt: () => {
      height = 0;
    },
    close: draw,
  };
}

function lines(screen: Screen): RunDisplay {
  const shown = new Set<string>();
  return {
    show: (record, step) => {
      if (!step || !hasEnded(step)) return;
      const id = `${step.name}\0${step.month ?? ""}`;
      if (shown.has(id)) return;
      shown.add(id);
      screen.write(`${stepLine(step, widest(record.steps))}\n`);
    },
    interrupt: () => undefined,
    close: () => undefined,
  };
}
