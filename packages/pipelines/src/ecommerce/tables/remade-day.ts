import { type FileHandle, open } from "node:fs/promises";
import { IngotError } from "@ingot/common";
import { csvLine, type DuckDbSession, sqlText } from "@ingot/engine";
import { bronzeKey, DATASETS, type DatasetName } from "../datasets.ts";
import { SILVER_TYPES, silverText } from "./silver-types.ts";

const PIECE_BYTES = 256 * 1024;

interface Place {
  start: number;
  end: number;
}

/**
 * The CSV objects that a compacted object was made of, made again out of it: byte for byte, where the cleaner wrote them.
 * They lie one after another in one local file.
 */
export class RemadeDay {
  readonly #dataset: DatasetName;
  readonly #file: FileHandle;
  /** Where each object's rows begin and end in the file, by its bronze key. */
  readonly #places: ReadonlyMap<string, Place>;

  private constructor(dataset: DatasetName, file: FileHandle, places: ReadonlyMap<string, Place>) {
    this.#dataset = dataset;
    this.#file = file;
    this.#places = places;
  }

  /**
   * @param parquet path of the compacted object's file
   * @param file path of the file to write, as large as all the CSV objects together
   * @throws IngotError `query_failed`; the signal's reason
   */
  static async make(
    session: DuckDbSession,
    dataset: DatasetName,
    { parquet, file, signal }: { parquet: string; file: string; signal?: AbortSignal | undefined },
  ): Promise<RemadeDay> {
    // Without quotes of its own DuckDB writes each text as it is.
    await session.run(
      `CREATE OR REPLACE TEMP TABLE remade AS SELECT bronze_key, position, ${csvLineOf(dataset)} AS line
        FROM read_parquet(${sqlText(parquet)}, hive_partitioning = false);
      COPY (SELECT line FROM remade ORDER BY bronze_key, position) TO ${sqlText(file)}
        (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\t')`,
      { signal },
    );
    const sizes = await session.all(
      "SELECT bronze_key, sum(strlen(line) + 1) FROM remade GROUP BY bronze_key ORDER BY bronze_key",
      { signal },
    );
    await session.run("DROP TABLE remade");
    const places = new Map<string, Place>();
    let start = 0;
    for (const [key, bytes] of sizes) {
      const end = start + Number(bytes);
      places.set(key!, { start, end });
      start = end;
    }
    return new RemadeDay(dataset, await open(file), places);
  }

  /** The bytes of the CSV object with this key; one without rows is its header. */
  async *read(silverKey: string): AsyncGenerator<Uint8Array> {
    const dataset = DATASETS[this.#dataset];
    yield Buffer.from(csvLine(dataset.silverColumns));
    const place = this.#places.get(bronzeKey(dataset, silverKey));
    if (!place) return;
    for (let at = place.start; at < place.end; ) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, place.end - at));
      const { bytesRead } = await this.#file.read(piece, 0, piece.length, at);
      if (bytesRead === 0)
        throw new IngotError("query_failed", `DuckDB did not write all rows of ${silverKey}.`);
      at += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** SQL for a row as `csvLine` writes it, without its line end. */
function csvLineOf(dataset: DatasetName): string {
  const values = Object.entries(SILVER_TYPES[dataset]).map(([name, type]) => {
    const text = silverText(name, type);
    return type === "VARCHAR" ? quoted(text) : text;
  });
  return values.join(" || ',' || ");
}

/** SQL for one value as `csvValue` writes it. */
const quoted = (text: string): string =>
  `CASE WHEN regexp_matches(${text}, '[",\\r\\n]') THEN '"' || replace(${text}, '"', '""') || '"' ELSE ${text} END`;
