import { IngotError, type Lake, type LakeLocation, messageOf, openLake, type Settings } from "@ingot/common";
import { datasetOfBronze, ecommerceObjects, PrunedObjects, readManifest, silverKey } from "@ingot/pipelines";
import { type Finding, fine, listed, notChecked, warning } from "./finding.ts";
import { within } from "./within.ts";

/** Larger lakes are left to `ingot status`, which takes its time. */
const COUNT_MS = 20_000;
const OLD_MS = 15 * 60_000;
const NAMES_SHOWN = 3;
/** How the simulated shop names its files (contract: e-commerce, section 1). */
const SIMULATED = /^(\w+)\/dt=\d{4}-\d\d-\d\d\/\1_\d{8}T\d{6}(-[0-9a-f]{8})?\.(csv|json|txt)$/;

interface Counted {
  /** Bronze objects that are input. */
  input: number;
  waiting: number;
  /** When the oldest of these came. */
  waitingSince: Date | undefined;
  unrecognised: string[];
  hasOwnFiles: boolean;
}

/** What lies in the lake: what waits, what is left alone, how old gold is. Reads keys, and gold's own manifest. */
export async function checkLake(settings: Settings, location: LakeLocation, now: Date): Promise<Finding[]> {
  const lake = await openLake(location);
  try {
    const [counted, gold] = await Promise.allSettled([
      within(count(lake, now), COUNT_MS),
      within(goldFinding(lake, now)),
    ]);
    return [
      ...(counted.status === "fulfilled"
        ? [keyFinding(settings, counted.value), ...bronzeFindings(counted.value, now)]
        : [keyFinding(settings), notChecked("lake", "bronze", firstSentence(counted.reason))]),
      gold.status === "fulfilled" ? gold.value : notChecked("lake", "gold", firstSentence(gold.reason)),
    ].filter((finding) => finding !== undefined);
  } finally {
    await lake.close();
  }
}

async function count(lake: Lake, now: Date): Promise<Counted> {
  const pruned = new PrunedObjects(lake.silver, { now: () => now });
  const silver = new Set<string>();
  for await (const { key } of ecommerceObjects(lake.silver)) silver.add(key);
  const counted: Counted = {
    input: 0,
    waiting: 0,
    waitingSince: undefined,
    unrecognised: [],
    hasOwnFiles: false,
  };
  for await (const { key, modified } of ecommerceObjects(lake.bronze)) {
    const dataset = datasetOfBronze(key);
    if (!dataset) {
      counted.unrecognised.push(key);
      continue;
    }
    counted.input += 1;
    if (!SIMULATED.test(key)) counted.hasOwnFiles = true;
    const target = silverKey(dataset, key);
    if (silver.has(target) || (await pruned.find(target))) continue;
    counted.waiting += 1;
    if (!counted.waitingSince || modified < counted.waitingSince) counted.waitingSince = modified;
  }
  return counted;
}

/** The simulated shop's people do not exist; anybody else's e-mail addresses must not be guessed from their hashes. */
function keyFinding({ emailHashKey }: Settings, counted?: Counted): Finding | undefined {
  if (emailHashKey !== undefined) return undefined;
  if (counted && counted.input > 0 && !counted.hasOwnFiles) return undefined;
  const detail =
    "EMAIL_HASH_KEY is not set: who guesses an e-mail address can find it in silver by its hash.";
  const remedy =
    "Before real data comes: set EMAIL_HASH_KEY to a secret of your own (openssl rand -hex 20) and keep it; then ingot rebuild --from bronze";
  return warning("settings", "EMAIL_HASH_KEY", detail, remedy);
}

function bronzeFindings({ input, waiting, waitingSince, unrecognised }: Counted, now: Date): Finding[] {
  const findings: Finding[] = [];
  const age = waitingSince ? now.getTime() - waitingSince.getTime() : 0;
  const files = `${input} ${input === 1 ? "file" : "files"} in bronze`;
  if (age > OLD_MS) {
    const detail = `Waiting for the cleaner: ${waiting} of ${files}, the oldest since ${waitingSince?.toISOString()}.`;
    const remedy = "See whether a cleaner runs (docker compose logs cleaner). By hand: ingot clean --once";
    findings.push(warning("lake", "bronze", detail, remedy));
  } else if (input === 0) {
    findings.push(fine("lake", "bronze", "no files in bronze yet"));
  } else {
    const waits = waiting === 0 ? "all cleaned" : `${waiting} waiting for the cleaner`;
    findings.push(fine("lake", "bronze", `${files}, ${waits}`));
  }
  if (unrecognised.length > 0) {
    const shown = unrecognised.slice(0, NAMES_SHOWN).map((key) => JSON.stringify(key.slice(0, 80)));
    const more = unrecognised.length > NAMES_SHOWN ? ` and ${unrecognised.length - NAMES_SHOWN} more` : "";
    const detail = `Left alone, because the name does not tell what is in it: ${more === "" ? listed(shown) : shown.join(", ")}${more}.`;
    const remedy =
      "Names begin with customers, orders or clicks and end in .csv, .json, .jsonl, .ndjson or .txt (.gz); ingot import gives files such names.";
    findings.push(warning("lake", "unrecognised", detail, remedy));
  }
  return findings;
}

async function goldFinding(lake: Lake, now: Date): Promise<Finding> {
  const { kpis } = await readManifest(lake.gold);
  const names = Object.keys(kpis);
  const last = Object.values(kpis)
    .map(({ updated_at }) => updated_at)
    .sort()
    .at(-1);
  if (last === undefined) return fine("lake", "gold", "no KPIs in gold yet");
  const minutes = Math.round((now.getTime() - Date.parse(last)) / 60_000);
  const ago =
    minutes < 2 ? "within the last minutes" : minutes < 180 ? `${minutes} minutes ago` : `on ${last}`;
  return fine("lake", "gold", `${names.length} KPIs in gold, changed last ${ago}`);
}

function firstSentence(error: unknown): string {
  if (error instanceof IngotError && error.code === "storage_denied")
    return "these credentials may not read it";
  const [sentence = ""] = messageOf(error).split(/(?<=\.) /);
  return sentence.replace(/\.$/, "");
}
