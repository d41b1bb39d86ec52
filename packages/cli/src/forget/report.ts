import { IngotError, type Lake, messageOf } from "@ingot/common";
import { countLines, isNothing } from "./counts.ts";
import type { Subject } from "./find-person.ts";
import type { Intention } from "./intention.ts";
import type { ListedLake } from "./listed-lake.ts";
import type { OlderVersions } from "./older-versions.ts";
import type { Plan } from "./plan.ts";
import type { WarehouseOutcome } from "./warehouse.ts";

/** What a trial tells. */
export function trialLines(
  { counts, left, foreign }: Plan,
  { named, denied }: OlderVersions,
  before: Intention | undefined,
): string[] {
  return [
    ...(isNothing(counts) && named === 0 ? [] : ["Would be made anonymous:", ...countLines(counts)]),
    ...(named > 0 ? [`  ${named} older versions of objects would be deleted for good`] : []),
    ...leftLines(left),
    ...foreign.map(foreignLine),
    ...denied.map(({ layer, error }) => `Older versions in ${layer} were not looked at: ${messageOf(error)}`),
    ...(before ? [`This was begun on ${before.begunAt} and is not finished.`] : []),
    "Nothing was changed.",
  ];
}

/** What has been done. */
export function doneLines(
  { counts }: Intention,
  { left }: Plan,
  { named }: OlderVersions,
  { kind }: WarehouseOutcome,
): string[] {
  return [
    "Made anonymous:",
    ...countLines(counts),
    ...(named > 0 ? [`  ${named} older versions of objects deleted for good`] : []),
    ...(kind === "filled anew" ? ["The warehouse was filled anew. Gold is as it was."] : []),
    ...(kind === "elsewhere"
      ? [
          "The warehouse is not here: services fill it anew by themselves; where none runs: `ingot aggregate --once`",
        ]
      : []),
    ...leftLines(left),
  ];
}

/** What somebody else has to do, with the same command after it. */
export function toDoLines(
  { foreign }: Plan,
  { denied }: OlderVersions,
  { putAside }: WarehouseOutcome,
): string[] {
  return [
    ...foreign.map(foreignLine),
    ...putAside.map((file) => `${file} is a warehouse that was put aside and names the person: delete it.`),
    ...denied.map(
      ({ layer, error }) =>
        `Older versions in ${layer} were not looked at, and may name the person: run the same command as administrator of the store. ${messageOf(error)}`,
    ),
  ];
}

const foreignLine = (key: string): string =>
  `bronze/${key} is no input of Ingot's and names the person: delete it, or mend it by hand.`;

const leftLines = (left: number): string[] =>
  left === 0
    ? []
    : [
        `${left} records keep the e-mail address in a field that the figures are made of (product, order_id, …).`,
      ];

/** What was not looked at. */
export function othersLines({ others }: Pick<ListedLake, "others">): string[] {
  if (others.length === 0) return [];
  return [
    `Not searched: the files of ${others.join(", ")}, which are other pipelines'. Whoever is named in theirs has to be taken out of them by hand, in bronze and quarantine.`,
  ];
}

export function nobodyFound(lake: Lake, { isEmail }: Subject, listed: ListedLake): IngotError {
  const { bronze, orphans } = listed;
  const objects = bronze.size + orphans.silver.length + orphans.quarantine.length;
  const what = isEmail ? "this e-mail address" : "this customer id";
  return new IngotError(
    "object_missing",
    `Nobody with ${what} was found: ${objects.toLocaleString("en-US")} objects were searched in ${lake.url} (bronze, and what is left in silver and quarantine of raw files that are gone). Check how it is written. ${othersLines(listed).join("")}`.trimEnd(),
  );
}
