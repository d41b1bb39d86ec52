import { type Clock, IngotError, inParallel, type Lake, type Meter, type ObjectInfo } from "@ingot/common";
import type { CheckResult } from "@ingot/engine/checks";
import { type Dataset, datasetOfBronze, ecommerceObjects, PrunedObjects } from "@ingot/pipelines";
import { count } from "../amounts.ts";
import { balanceOf, isBalanced, type ObjectBalance } from "./object-balance.ts";

/** Objects counted at the same time. */
const AT_ONCE = 8;
/** So many objects of which records are missing are named. */
const NAMED = 5;

interface Sums {
  objects: number;
  bronze: number;
  silver: number;
  quarantine: number;
  duplicates: number;
  unbalanced: ObjectBalance[];
}

/**
 * Counts all records of bronze anew and where they are now: each is in silver, in quarantine, or a duplicate of one in
 * the same file (contract: e-commerce, section 3). Files that wait for the cleaner are left out.
 *
 * @returns a result for each dataset that has files
 * @throws IngotError of the storage
 */
export async function recordBalance(
  lake: Pick<Lake, "bronze" | "silver" | "quarantine">,
  {
    clock,
    quarantineExpires,
    meter,
  }: { clock: Clock; quarantineExpires: boolean; meter(objects: number): Meter },
): Promise<CheckResult[]> {
  const objects: { info: ObjectInfo; dataset: Dataset }[] = [];
  for await (const info of ecommerceObjects(lake.bronze)) {
    const dataset = datasetOfBronze(info.key);
    if (dataset) objects.push({ info, dataset });
  }
  const start = performance.now();
  const pruned = new PrunedObjects(lake.silver, clock);
  const progress = meter(objects.length);
  const sums = new Map<string, Sums>();
  try {
    await inParallel(objects, AT_ONCE, async ({ info, dataset }) => {
      const balance = await balanceOf(lake, info, dataset, { pruned, quarantineExpires }).catch(unlessGone);
      if (balance) add(sums, balance);
      progress.add(1);
    });
  } finally {
    progress.close();
  }
  const tookMs = (performance.now() - start) / Math.max(sums.size, 1);
  return [...sums]
    .map(([dataset, sum]) => resultOf(dataset, sum, tookMs))
    .sort((a, b) => (a.model < b.model ? -1 : 1));
}

/** Somebody took it away, or wrote it again, since it was listed. */
function unlessGone(error: unknown): undefined {
  if (error instanceof IngotError && ["object_missing", "object_changed"].includes(error.code))
    return undefined;
  throw error;
}

function add(sums: Map<string, Sums>, balance: ObjectBalance): void {
  const { name } = balance.dataset;
  const nothing = { objects: 0, bronze: 0, silver: 0, quarantine: 0, duplicates: 0, unbalanced: [] };
  const sum = sums.get(name) ?? nothing;
  sums.set(name, sum);
  sum.objects += 1;
  sum.bronze += balance.bronze;
  sum.silver += balance.silver;
  sum.quarantine += balance.quarantine;
  sum.duplicates += balance.duplicates;
  if (!isBalanced(balance)) sum.unbalanced.push(balance);
}

function resultOf(model: string, sum: Sums, tookMs: number): CheckResult {
  const isWhole = sum.unbalanced.length === 0;
  const named = sum.unbalanced.slice(0, NAMED).map(({ bronzeKey }) => bronzeKey);
  const more = sum.unbalanced.length > NAMED ? ", …" : "";
  return {
    ...{ model, layer: "silver", check: "every_record_is_somewhere", severity: "error", tookMs },
    status: isWhole ? "pass" : "fail",
    failing: sum.unbalanced.length,
    expected: `${count(sum.bronze)} records of ${count(sum.objects)} files in silver, in quarantine or duplicates`,
    actual: `${count(sum.silver)} + ${count(sum.quarantine)} + ${count(sum.duplicates)}${
      isWhole ? "" : `; ${sum.unbalanced.length} files differ: ${named.join(", ")}${more}`
    }`,
    query: `select key, read, kept, rejected, duplicates, rows from objects where dataset = '${model}'`,
  };
}
