import { IngotError } from "@ingot/common";
import { type DuckDbSession, sqlText } from "@ingot/engine";
import { bronzeKey, DATASETS, type DatasetName } from "../datasets.ts";
import type { CompactedSource } from "./compacted-object.ts";
import { readSources } from "./silver-files.ts";
import { SILVER_TYPES, silverText } from "./silver-types.ts";

/** Rows of one silver object, out of a compacted one. */
export interface CompactedRows {
  source: CompactedSource;
  bronzeKey: string;
  /** In the order of the dataset's silver columns, and of the object, as `readCsv` gives them. */
  rows: string[][];
}

/**
 * The rows of a compacted object's file, text for text what its CSV objects held: object by object in the order of their
 * bronze keys, in batches. Objects without rows are left out. Whoever reads compares each source's ETag with the store's,
 * and reads the CSV where it is another.
 *
 * @throws IngotError `silver_invalid` for a file that the compactor did not write, `query_failed`
 */
export async function* readCompacted(
  session: DuckDbSession,
  dataset: DatasetName,
  file: string,
  signal?: AbortSignal,
): AsyncGenerator<CompactedRows> {
  const sources = (await readSources(session, [file], signal)).get(file) ?? [];
  const byBronzeKey = new Map(sources.map((source) => [bronzeKey(DATASETS[dataset], source.key), source]));
  const types = Object.entries(SILVER_TYPES[dataset]);
  // The client drops a byte order mark at the beginning of a text; behind another character it stays.
  const columns = types.map(([name, type]) => `'.' || ${silverText(name, type)} AS ${name}`);
  const { batches } = await session.query(
    `SELECT rows.bronze_key, ${columns.join(", ")} FROM read_parquet(${sqlText(file)}, hive_partitioning = false) AS rows
    ORDER BY rows.bronze_key, rows.position`,
    { signal },
  );
  for await (const batch of batches) {
    let current: CompactedRows | undefined;
    for (const [key, ...values] of batch as string[][]) {
      if (current?.bronzeKey !== key) {
        if (current) yield current;
        const source = byBronzeKey.get(key!);
        if (!source) {
          throw new IngotError("silver_invalid", `${file} has rows of ${key}, but does not name it.`);
        }
        current = { source, bronzeKey: key!, rows: [] };
      }
      current!.rows.push(values.map((value) => value.slice(1)));
    }
    if (current) yield current;
  }
}
