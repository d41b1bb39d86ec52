import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import path from "node:path";
import { REPOSITORY } from "../support.ts";

/** What somebody was measured to do in a case. */
export interface Measured {
  case: string;
  /** `ingot`, or a peer and its way. */
  who: string;
  /** For people: `500 k records/s`, `1.4 ms`. */
  figure: string;
  /** More is faster; comparable within a case only. */
  speed: number;
  /** The most memory that the process held, in MB; undefined where the system does not tell. */
  peakMb?: number | undefined;
}

export const OURS = "ingot";
const README = path.join(REPOSITORY, "README.md");
const MARKS = ["<!-- benchmark: begin -->", "<!-- benchmark: end -->"] as const;

/** One line of what is printed while the benchmark runs. */
export function rowOf({ case: name, who, figure, speed, peakMb }: Measured, ours: number): string {
  const peak = peakMb === undefined ? "" : `${Math.round(peakMb)} MB`;
  return `| ${[name, who, figure, times(speed / ours), peak].join(" | ")} |`;
}

export const HEADER = "| case | | figure | speed, of Ingot's | peak memory |\n|---|---|---|---|---|";

/** What the cases of each table begin with. */
const TABLES = ["clean ", "gold ", "retail ", ""] as const;

/** Tables of the results: cleaning, gold, the stores, and what only Ingot has. */
export function tablesOf(results: readonly Measured[]): string {
  const groups = Object.groupBy(results, ({ case: name }) => TABLES.find((start) => name.startsWith(start))!);
  return TABLES.flatMap((start) => (groups[start] ? [tableOf(groups[start])] : [])).join("\n\n");
}

/** A row for each case, a column for each of those who were measured, with their speed as a multiple of Ingot's. */
function tableOf(results: readonly Measured[]): string {
  const everybody = [...new Set(results.map(({ who }) => who))];
  const lines = [`| | ${everybody.map(titleOf).join(" | ")} |`, `|---|${"---|".repeat(everybody.length)}`];
  for (const [name, of = []] of Object.entries(Object.groupBy(results, (result) => result.case))) {
    const ours = of.find(({ who }) => who === OURS)?.speed ?? Number.NaN;
    const cells = everybody.map((who) =>
      cellOf(
        of.find((result) => result.who === who),
        ours,
      ),
    );
    lines.push(`| ${name} | ${cells.join(" | ")} |`);
  }
  return lines.join("\n");
}

function cellOf(result: Measured | undefined, ours: number): string {
  if (!result) return "";
  const peak = result.peakMb === undefined ? "" : `, ${Math.round(result.peakMb)} MB`;
  const ratio = result.who === OURS ? "" : ` (${times(result.speed / ours)})`;
  return `${result.figure}${ratio}${peak}`;
}

const titleOf = (who: string): string => (who === OURS ? "**Ingot**" : who);

const times = (ratio: number): string => `${ratio >= 0.1 ? ratio.toFixed(2) : ratio.toPrecision(1)}×`;

/** The machine, as far as it matters to a reader. */
export function machine(): string {
  const cores = cpus();
  return `${cores.length} cores (${cores[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.versions.node}`;
}

/** Puts a text into the README, where the benchmark's results are. */
export function writeReadme(text: string): void {
  const readme = readFileSync(README, "utf8");
  const [begin, end] = MARKS.map((mark) => readme.indexOf(mark)) as [number, number];
  if (begin === -1 || end < begin)
    throw new Error(`README.md has no place for results: ${MARKS.join(" … ")}`);
  writeFileSync(README, `${readme.slice(0, begin + MARKS[0].length)}\n${text}\n${readme.slice(end)}`);
}
