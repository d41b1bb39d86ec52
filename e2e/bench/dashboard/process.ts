import { createLogger, systemClock } from "@ingot/common";
import type { SalesFilter } from "../../../services/dashboard/src/api/contract.ts";
import { openSalesCube } from "../../../services/dashboard/src/cube/index.ts";
import { median } from "../measure.ts";

/*
 * process.ts FILE   opens the dashboard's cube of a warehouse and asks it; a process of its own, so that its memory is its own
 */

export interface CubeFigures {
  /** From opening until a report of 30 days is there, without customers. */
  reportMs: number;
  /** From opening until customers and visits are counted, while somebody asks again and again. */
  countedMs: number;
  /** Medians, each of questions that nobody asked before. */
  questionMs: Record<string, number>;
}

const ROUNDS = 7;
const LIMITS = { timeoutMs: 60_000 };
const YEAR: SalesFilter = { from: "2025-01-01", to: "2025-12-31", channel: [], country: [], product: [] };
/** Each with a filter that changes from round to round: the same question would not be computed again. */
const QUESTIONS: Record<string, (round: number) => SalesFilter> = {
  "30 days": (round) => ({ ...YEAR, from: `2025-11-${11 + round}`, to: `2025-12-${10 + round}` }),
  "half a year": (round) => ({ ...YEAR, from: `2025-07-0${1 + round}`, to: `2025-12-${20 + round}` }),
  "all time": (round) => ({ ...YEAR, to: `2026-01-0${1 + round}` }),
  "one product": (round) => ({ ...YEAR, product: [`Product ${round}`] }),
  "one country and channel": (round) => ({
    ...YEAR,
    country: [`Country ${"ABCDEFG"[round]}`],
    channel: ["web"],
  }),
};

async function figuresOf(file: string): Promise<CubeFigures> {
  const start = performance.now();
  const logger = createLogger({ logLevel: "warn", logFormat: "json" }, "bench");
  const cube = openSalesCube({ file, timezone: "UTC", clock: systemClock, logger });
  try {
    const recent = QUESTIONS["30 days"]!(0);
    await cube.report(recent, LIMITS);
    const reportMs = performance.now() - start;
    while ((await cube.report(recent, LIMITS)).counting !== undefined) await systemClock.sleep(100);
    const countedMs = performance.now() - start;
    const questionMs: Record<string, number> = {};
    for (const [name, filterOf] of Object.entries(QUESTIONS)) {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const asked = performance.now();
        await cube.report(filterOf(round), LIMITS);
        times.push(performance.now() - asked);
      }
      questionMs[name] = median(times);
    }
    return { reportMs, countedMs, questionMs };
  } finally {
    await cube.close();
  }
}

console.info(JSON.stringify(await figuresOf(process.argv[2]!)));
