import { rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { CubeFigures } from "./dashboard/process.ts";
import { measure } from "./measure.ts";
import { type Measured, OURS } from "./results.ts";

const HISTORY = fileURLToPath(new URL("./gold/process.ts", import.meta.url));
const CUBE = fileURLToPath(new URL("./dashboard/process.ts", import.meta.url));

/** Measures what the dashboard answers from, over histories of so many orders and as many clicks. */
export async function dashboardQuestions(options: {
  /** Removed at the end. */
  folder: string;
  histories: readonly number[];
}): Promise<Measured[]> {
  const results: Measured[] = [];
  for (const orders of options.histories) {
    rmSync(options.folder, { recursive: true, force: true });
    const lake = path.join(options.folder, "lake");
    const run = (...args: string[]) => measure(process.execPath, args, process.env);
    await run(HISTORY, "history", lake, String(orders), "customers", "orders", "clicks");
    await run(HISTORY, "rebuild", lake, String(orders));
    const { stdout, peakMb } = await run(CUBE, path.join(lake, "warehouse", "ecommerce.sqlite"));
    results.push(...rowsOf(orders, JSON.parse(stdout), peakMb));
  }
  rmSync(options.folder, { recursive: true, force: true });
  return results;
}

function rowsOf(orders: number, figures: CubeFigures, peakMb: number | undefined): Measured[] {
  const name = (what: string): string => `dashboard on ${orders.toLocaleString("en-US")} orders, ${what}`;
  const row = (what: string, ms: number): Measured => ({
    case: name(what),
    who: OURS,
    figure: ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`,
    speed: 1 / ms,
  });
  return [
    row("first report after its start", figures.reportMs),
    { ...row("until customers are counted", figures.countedMs), peakMb },
    ...Object.entries(figures.questionMs).map(([question, ms]) => row(`report: ${question}`, ms)),
  ];
}
