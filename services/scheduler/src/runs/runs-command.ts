import { type Command, type CommandContext, IngotError, lakeLocation, openLake } from "@ingot/common";
import { BATCHES } from "../all-batches.ts";
import type { Batches } from "../batches.ts";
import { tookText } from "../run/run-text.ts";
import { type PastRun, pastRuns } from "./history.ts";

/** Runs that are shown where nobody says how many. */
const USUAL = 20;

/** `ingot runs`: what was run, and what came of it. */
export const runsCommand = runsCommandOf(BATCHES);

export function runsCommandOf(batches: Pick<Batches, "names">): Command {
  return {
    name: "runs",
    summary: "Show the runs of pipelines, the newest first.",
    description: `When each run began, who started it, what came of it, how long it took, and why it failed. What lies in
gold at <pipeline>/_runs/<id>.json tells more: steps, counts, checks, figures. It changes nothing.`,
    positionals: "[<pipeline>]",
    flags: {
      limit: { value: "N", help: `the last N runs (default: ${USUAL})` },
      json: { help: "print the runs' records as JSON" },
    },
    options: ["lakeUrl"],
    examples: ["ingot runs", "ingot runs wine-merchant --limit 5"],
    run: (context) => runs(context, batches),
  };
}

async function runs(context: CommandContext, batches: Pick<Batches, "names">): Promise<void> {
  const { settings, flags, positionals, print, clock } = context;
  const known = await batches.names();
  const [name, ...more] = positionals;
  if (more.length > 0) throw new IngotError("usage", "Name one pipeline, or none for all.");
  if (name !== undefined && !known.includes(name)) {
    throw new IngotError("usage", `There is no pipeline "${name}". There are ${known.join(", ")}.`);
  }
  const most = flags.limit === undefined ? USUAL : Number(flags.limit);
  if (!Number.isSafeInteger(most) || most < 1) {
    throw new IngotError("usage", `--limit is "${flags.limit}". Allowed: a whole number from 1 on.`);
  }
  const lake = await openLake(lakeLocation(settings));
  try {
    const found = await pastRuns(lake.gold, name === undefined ? known : [name], { most, now: clock.now() });
    if (flags.json === true) print(JSON.stringify(found, undefined, 2));
    else print(found.length === 0 ? "There are no runs yet." : describe(found));
  } finally {
    await lake.close();
  }
}

function describe(found: readonly PastRun[]): string {
  const width = Math.max(...found.map(({ pipeline }) => pipeline.length));
  return found
    .map((run) => {
      const { started_at, finished_at, pipeline, trigger, status, error, is_broken_off } = run;
      const took =
        finished_at === undefined ? "" : tookText(Date.parse(finished_at) - Date.parse(started_at));
      const what = is_broken_off ? "broken off" : status;
      const line = [
        `${started_at.slice(0, 19).replace("T", " ")}Z`,
        pipeline.padEnd(width),
        trigger.padEnd(8),
        what.padEnd(10),
        took.padStart(11),
        run.id,
      ].join("  ");
      return error === undefined ? line : `${line}\n    ${error.split("\n")[0]}`;
    })
    .join("\n");
}
