import { type CommandContext, IngotError, inParallel, type Lake, type ObjectInfo } from "@ingot/common";
import { datasetOfBronze, ecommerceObjects, quarantineKey } from "@ingot/pipelines";
import { PARALLEL } from "../quarantine/rejected-objects.ts";
import { linesOf, type Rejection, readRejection } from "../quarantine/rejected-records.ts";

/** A rejected record that names an order. */
export interface RejectedVersion extends Pick<Rejection, "place" | "reason" | "detail" | "raw"> {
  bronzeKey: string;
  quarantineKey: string;
}

const SUFFIX = quarantineKey("");

/**
 * The rejected records of orders that name this one, whatever is wrong with them: its id is the record's own, or stands in
 * the text of a piece that is no record.
 *
 * @throws IngotError of the storage
 */
export async function rejectedVersions(
  { quarantine }: Pick<Lake, "quarantine">,
  orderId: string,
  { signal, meter: open }: Pick<CommandContext, "signal" | "meter">,
): Promise<RejectedVersion[]> {
  const objects: (ObjectInfo & { bronzeKey: string })[] = [];
  for await (const info of ecommerceObjects(quarantine)) {
    const bronzeKey = info.key.endsWith(SUFFIX) ? info.key.slice(0, -SUFFIX.length) : "";
    if (datasetOfBronze(bronzeKey)?.name === "orders") objects.push({ ...info, bronzeKey });
  }
  const names = mentions(orderId);
  const meter = open({ title: "looking into quarantine", unit: "objects", total: objects.length });
  try {
    const found = await inParallel(objects, PARALLEL, async ({ key, bronzeKey }) => {
      signal.throwIfAborted();
      const records = await rejectionsOf(quarantine, key, names);
      meter.add(1);
      return records.map((record) => ({ ...record, bronzeKey, quarantineKey: key }));
    });
    return found.flat();
  } finally {
    meter.close();
  }
}

async function rejectionsOf(
  quarantine: Lake["quarantine"],
  key: string,
  names: (line: string) => boolean,
): Promise<Pick<Rejection, "place" | "reason" | "detail" | "raw">[]> {
  const found: Pick<Rejection, "place" | "reason" | "detail" | "raw">[] = [];
  try {
    for await (const line of linesOf((await quarantine.read(key)).body)) {
      if (!names(line)) continue;
      const { place, reason, detail, raw } = readRejection(line);
      found.push({ place, reason, detail, raw });
    }
  } catch (error) {
    // Somebody cleaned it again meanwhile.
    if (!(error instanceof IngotError) || error.code !== "object_missing") throw error;
  }
  return found;
}

/** A test for lines of quarantine: cheap for most, which have nothing of the id. */
function mentions(orderId: string): (line: string) => boolean {
  const id = RegExp.escape(orderId);
  const asField = new RegExp(`"order_id"\\s*:\\s*"?\\s*${id}(?![\\p{L}\\p{N}_-])`, "u");
  const asWord = new RegExp(`(?<![\\p{L}\\p{N}_-])${id}(?![\\p{L}\\p{N}_-])`, "u");
  const escaped = JSON.stringify(orderId).slice(1, -1);
  return (line) => {
    // In a line the raw text is escaped, and so may be the id in the raw text itself.
    if (!line.includes(escaped) && !line.includes("\\\\")) return false;
    const { raw } = readRejection(line);
    const record = recordIn(raw);
    if (record && typeof record.order_id !== "number")
      return String(record.order_id ?? "").trim() === orderId;
    // A number's digits, and what is cut off, only the text itself tells.
    return (raw.includes('"order_id"') ? asField : asWord).test(raw);
  };
}

/** The fields of a raw text that is a JSON record. */
function recordIn(raw: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(raw);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
