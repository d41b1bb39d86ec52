import { mkdirSync, rmdirSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { UNACCOUNTED } from "../../services/cleaner/test/check-cleaned.ts";
import { type CaseId, KINDS, type Kind, nameOf } from "./cases.ts";
import { addFigures, type Figures, noFigures, tableOf } from "./figures.ts";
import { type Finding, type Reply, tryAll } from "./pool.ts";

/*
 * npm run fuzz [-- --records 100000 --files 2000 --seed 1 --only files:17]
 *
 * Tries inputs on the cleaner that nobody would think of: records with anything in any field, and damaged files. The same
 * seed gives the same inputs. An input with which something is wrong is named and kept.
 */

/** Longer than this for all the ways and checks of one input, where the cleaner takes a second or two, is a hang. */
const HANG_MS = 30_000;
/** Two large files, whole and in several forms, beside what the cleaner and its helpers take. */
const MOST_MEMORY_MB = 1024;

/** After so many the run ends: more would tell nothing new. */
const MOST_FINDINGS = 10;

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "100000" },
    files: { type: "string", default: "2000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string" },
  },
});
const seed = numberOf("seed");
const wanted = { records: numberOf("records"), files: numberOf("files") };
const folder = path.join(tmpdir(), `ingot-fuzz-${seed}-${process.pid}`);
const figures = new Map<string, Figures>();
const findings: Finding<CaseId>[] = [];
const tried: Record<Kind, number> = { records: 0, files: 0 };
let slowest = { name: "none", ms: 0 };
let peakMb = 0;

console.info(`seed ${seed}`);
mkdirSync(folder, { recursive: true });
const started = performance.now();
await tryAll(values.only === undefined ? ids() : [only(values.only)], {
  worker: new URL("worker.ts", import.meta.url),
  processes: Math.min(2, availableParallelism()),
  hangMs: HANG_MS,
  folder,
  nameOf,
  onReply: take,
  onFinding: (finding) => {
    findings.push(finding);
    console.error(`\n${finding.kind} ${nameOf(finding.id)}, seed ${seed}, input in ${finding.folder}`);
    console.error(`again: npm run fuzz -- --seed ${seed} --only ${nameOf(finding.id)}\n${finding.detail}`);
  },
});

const count = (kind: Finding<CaseId>["kind"]): number => findings.filter((one) => one.kind === kind).length;
const unaccounted = findings.filter(({ detail }) => detail.includes(UNACCOUNTED)).length;
console.info(`\n${tableOf([...figures.values()])}\n`);
console.info(`seed ${seed}, ${Math.round((performance.now() - started) / 1000)} s`);
console.info(
  `crashes ${count("crash")}, hangs ${count("hang")}, failed checks ${count("failure")}, inputs with records unaccounted for ${unaccounted}`,
);
console.info(
  `peak memory of a process ${Math.round(peakMb)} MB; slowest input ${slowest.name}, ${Math.round(slowest.ms)} ms`,
);
if (peakMb > MOST_MEMORY_MB) console.error(`more memory than ${MOST_MEMORY_MB} MB`);
if (findings.length > 0 || peakMb > MOST_MEMORY_MB) process.exitCode = 1;
if (findings.length === 0) rmdirSync(folder);

/** Inputs as long as there are not enough, files of records having any number, nor too many findings. */
function* ids(): Generator<CaseId> {
  for (let index = 0; index < wanted.files && goesOn(); index += 1) yield { seed, kind: "files", index };
  for (let index = 0; tried.records < wanted.records && goesOn(); index += 1)
    yield { seed, kind: "records", index };
}

function goesOn(): boolean {
  return findings.length < MOST_FINDINGS;
}

function take({ kind, index }: CaseId, reply: Reply): void {
  peakMb = Math.max(peakMb, reply.peakMb);
  if (reply.ms > slowest.ms) slowest = { name: `${kind}:${index}`, ms: reply.ms };
  if (!reply.figures) return;
  tried[kind] += reply.figures.records;
  const what = `${kind}: ${reply.figures.what}`;
  const sum = figures.get(what) ?? noFigures(what);
  addFigures(sum, reply.figures);
  figures.set(what, sum);
}

function only(name: string): CaseId {
  const [kind, index] = name.split(":");
  if (!KINDS.includes(kind as Kind) || !/^\d+$/.test(index ?? ""))
    throw new Error(`--only ${name}: write the kind and number of an input, as in files:17`);
  return { seed, kind: kind as Kind, index: Number(index) };
}

function numberOf(name: "seed" | "records" | "files"): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new Error(`--${name} ${values[name]}: give a whole number, 0 or more`);
  return number;
}
