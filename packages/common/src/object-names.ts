/** The layers of the lake, each a bucket or a folder of this name. */
export const LAYERS = ["bronze", "silver", "quarantine", "gold"] as const;
export type Layer = (typeof LAYERS)[number];

/** How an input object's name may end (contract: e-commerce, section 1). */
const INPUT_ENDING = /\.(csv|json|jsonl|ndjson|txt)(\.gz)?$/;

/** True where a name ends like a file that the pipelines read. */
export function hasInputEnding(name: string): boolean {
  return INPUT_ENDING.test(name);
}

/** A key's folder, with its trailing slash (empty at the root), and its base name. */
export function splitKey(key: string): { folder: string; base: string } {
  const slash = key.lastIndexOf("/") + 1;
  return { folder: key.slice(0, slash), base: key.slice(slash) };
}

/**
 * The silver key of a bronze key: the same folder, base name `<dataset>_clean_<rest>.csv`. Injective, with
 * `bronzeKeyOf` as its inverse, so that a silver object alone tells which bronze object it stands for:
 *
 * - the ending that is usual for the dataset is dropped, any other is kept: `orders_a.json` -> `orders_clean_a.csv`,
 *   `orders_a.csv` -> `orders_clean_a.csv.csv` (it stays too where what remains would end like an input);
 * - the underscore after the dataset's name is dropped; where there is none, or where more follow, one is added:
 *   `orders-a.json` -> `orders_clean__-a.csv`, `orders__a.json` -> `orders_clean___a.csv`.
 *
 * @param usualEnding the ending of the dataset's own bronze objects, `.json` for orders
 */
export function silverKeyOf(dataset: string, usualEnding: string, bronzeKey: string): string {
  const { folder, base } = splitKey(bronzeKey);
  const tail = base.slice(dataset.length);
  const short = tail.endsWith(usualEnding) ? tail.slice(0, -usualEnding.length) : tail;
  const stem = hasInputEnding(short) ? tail : short;
  const rest = stem.startsWith("_") && !stem.startsWith("__") ? stem.slice(1) : `_${stem.replace(/^_/, "")}`;
  return `${folder}${dataset}_clean_${rest}.csv`;
}

/** The bronze key that a silver key stands for: the inverse of `silverKeyOf`. */
export function bronzeKeyOf(dataset: string, usualEnding: string, silverKey: string): string {
  const { folder, base } = splitKey(silverKey);
  const rest = base.slice(`${dataset}_clean_`.length, -".csv".length);
  const stem = rest.startsWith("__") ? rest : rest.startsWith("_") ? rest.slice(1) : `_${rest}`;
  return `${folder}${dataset}${hasInputEnding(stem) ? stem : stem + usualEnding}`;
}

/** Where the rejected records of a bronze object go (contract: e-commerce, section 3). */
export function quarantineKeyOf(bronzeKey: string): string {
  return `${bronzeKey}.rejected.jsonl`;
}

/** The folder of silver in which whole days lie as Parquet files. No bronze object's silver object is told by it. */
export const COMPACTED_FOLDER = "parquet/";

/**
 * The folder in quarantine of what is to be done for people who want to be forgotten, and in gold of what was done. No
 * rejected records and no KPI lie there.
 */
export const FORGOTTEN_FOLDER = "_forgotten/";

/** The folder of silver in which lies how the files of each dataset look. No silver object's name is taken by it. */
export const SCHEMAS_FOLDER = "_schemas/";
