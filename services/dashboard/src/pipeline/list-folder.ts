import type { Lake, ObjectInfo } from "@ingot/common";
import type { ObjectListing } from "../api/contract.ts";
import { invalid, type OpenLayer, openLayer } from "./open-layers.ts";
import { canPreview } from "./preview.ts";

/** How much of a folder is shown at once. */
interface ListingLimits {
  /** Folders and objects. */
  entries: number;
  /** What is found in so many milliseconds, and one entry at least: each folder is a request of its own. */
  ms: number;
}

const LIMITS: ListingLimits = { entries: 500, ms: 2_000 };
/** Sorts after whatever a key may go on with. */
const LAST = "\u{10ffff}";
const LONGEST_KEY_BYTES = 1024;

/**
 * The folders and objects of a folder, in the order of their names. What lies in the folders below is passed over.
 *
 * @param prefix the folder with its slash; empty for the layer itself
 * @param after `next` of the part before
 * @throws IngotError `invalid_parameter`; of the storage
 */
export async function listFolder(
  lake: Pick<Lake, OpenLayer>,
  layer: OpenLayer,
  prefix: string,
  after = "",
  limits: ListingLimits = LIMITS,
): Promise<ObjectListing> {
  const store = openLayer(lake, layer);
  checkPlace(prefix, after);
  const start = performance.now();
  const folders: string[] = [];
  const objects: ObjectInfo[] = [];
  const isFull = (): boolean =>
    folders.length + objects.length >= limits.entries || performance.now() - start > limits.ms;
  let last = after;
  let isCut = false;
  for (let isMore = true; isMore && !isCut; ) {
    isMore = false;
    for await (const info of store.list({ prefix, startAfter: last })) {
      if (last !== after && isFull()) {
        isCut = true;
        break;
      }
      const slash = info.key.indexOf("/", prefix.length);
      if (slash === -1) {
        objects.push(info);
        last = info.key;
        continue;
      }
      folders.push(info.key.slice(prefix.length, slash + 1));
      last = info.key.slice(0, slash + 1) + LAST;
      isMore = true;
      break;
    }
  }
  return {
    layer,
    prefix,
    folders,
    objects: objects.map(({ key, size, modified }) => ({
      key,
      size,
      modified: modified.toISOString(),
      can_preview: canPreview(key, size),
    })),
    ...(isCut && { next: last }),
  };
}

function checkPlace(prefix: string, after: string): void {
  if (prefix !== "" && !prefix.endsWith("/")) throw invalid("prefix", prefix, "it does not end with a slash");
  for (const [name, text] of Object.entries({ prefix, after })) {
    if (/(^|\/)\.{0,2}\/|\0/.test(text)) throw invalid(name, text, "no folder has such a name");
    if (!text.isWellFormed() || Buffer.byteLength(text) > LONGEST_KEY_BYTES + LAST.length * 2)
      throw invalid(name, text, "no object has such a name");
  }
  if (after !== "" && !after.startsWith(prefix)) throw invalid("after", after, `it is not in ${prefix}`);
}
