import { DATASETS, type DatasetName } from "@ingot/pipelines";
import type { TrialResult } from "./trial.ts";

const FAULTS = [
  "service frozen",
  "clock jumps",
  "storage stopped",
  "storage slow",
  "1 request in 10 fails",
  "full disk",
];

type Figure = readonly [name: string, of: (result: TrialResult) => number | string];

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);
const total = (result: TrialResult, what: "objects" | "lost" | "doubled"): number =>
  Object.values(result.datasets).reduce((all, account) => all + account[what], 0);

const FIGURES: readonly Figure[] = [
  ["services killed", ({ kills }) => sum(kills)],
  ...["generator", "cleaner", "aggregator"].map(
    (kind): Figure => [`– ${kind}s`, ({ kills }) => kills[kind] ?? 0],
  ),
  ["compactors killed", ({ compactorsKilled }) => compactorsKilled],
  ...FAULTS.map((name): Figure => [name, ({ faults }) => faults[name] ?? "–"]),
  ["– requests struck", ({ struck }) => struck],
  ["services that ended by themselves", ({ ends }) => ends.length],
  ["compactions with pruning", ({ compactions }) => compactions],
  ["– that failed", ({ compactorsFailed }) => compactorsFailed],
  ["– CSV objects pruned", ({ pruned }) => pruned],
  ["seconds until all was worked off afterwards", ({ caughtUpMs }) => (caughtUpMs / 1000).toFixed(1)],
  ["bronze objects", (result) => total(result, "objects")],
  ...(Object.keys(DATASETS) as DatasetName[]).map(
    (name): Figure => [
      `${name}: records = kept + rejected + duplicates`,
      ({ datasets }) => {
        const { bronze, kept, rejected, duplicates } = datasets[name];
        return `${number(bronze)} = ${number(kept)} + ${number(rejected)} + ${number(duplicates)}`;
      },
    ],
  ),
  ["records lost", (result) => total(result, "lost")],
  ["records doubled", (result) => total(result, "doubled")],
  ["orders in gold", ({ orders }) => orders],
  ["orders lost", ({ ordersLost }) => ordersLost],
  ["orders doubled", ({ ordersDoubled }) => ordersDoubled],
  ["differences of any kind", ({ differences }) => differences.length],
];

const number = (value: number): string => value.toLocaleString("en-US");

/** A table in Markdown, with a column for each place. */
export function tableOf(results: ReadonlyMap<string, TrialResult>): string {
  const rows = FIGURES.map(([name, of]) => {
    const cells = [...results.values()].map((result) => {
      const value = of(result);
      return typeof value === "number" ? number(value) : value;
    });
    return `| ${[name, ...cells].join(" | ")} |`;
  });
  return [`| | ${[...results.keys()].join(" | ")} |`, `|---|${"---:|".repeat(results.size)}`, ...rows].join(
    "\n",
  );
}
