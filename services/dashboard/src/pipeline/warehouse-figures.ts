import { setImmediate as nextTurn } from "node:timers/promises";
import { IngotError, type Logger, messageOf } from "@ingot/common";
import { addCounts, type CleanCounts, noCounts } from "@ingot/pipelines";
import { readSnapshot } from "@ingot/warehouse";
import type { IngestRun } from "../api/contract.ts";

/** Objects read at once: some milliseconds in which nobody else gets an answer. */
const CHUNK = 2_000;
/** More than go into the warehouse in five minutes, as a rule. */
const RUNS_KEPT = 2_000;
/** Of each reason the newest objects that have such records. */
const OBJECTS_PER_REASON = 3;

/** What the warehouse says about the objects that it has taken in. */
export interface TakenIn {
  datasets: ReadonlyMap<string, CleanCounts>;
  /** Newest first. */
  runs: readonly IngestRun[];
  /** The newest silver objects with records that were rejected, by dataset and reason, newest first. */
  rejects: ReadonlyMap<string, ReadonlyMap<string, readonly RejectedIn[]>>;
}

export interface RejectedIn {
  silverKey: string;
  bronzeKey: string;
}

export interface WarehouseFiguresOptions {
  file: string;
  logger: Logger;
  /** Ends a long look. */
  signal: AbortSignal;
  /** Told of each object that was taken in since the last look. */
  onTaken: (silverKey: string, bronzeKey: string) => void;
  /** The warehouse was filled anew, or was not there before: what was told of before may not hold any more. */
  onOther: () => void;
}

/**
 * Follows the warehouse's list of objects, at a price that depends on what is new in it. The file is open only while it is
 * looked at, never written to, and need not be there.
 */
export class WarehouseFigures {
  readonly #options: WarehouseFiguresOptions;
  #complete: Reading | undefined;
  #said = "";

  constructor(options: WarehouseFiguresOptions) {
    this.#options = options;
  }

  /** `undefined` while there is no warehouse, or none that can be read. */
  get takenIn(): TakenIn | undefined {
    return this.#complete;
  }

  /** Reads what is new. Never fails. */
  async refresh(): Promise<void> {
    const { signal, onTaken, onOther } = this.#options;
    try {
      let reading = this.#complete;
      for (;;) {
        const { generation, rows } = this.#read(reading?.lastId ?? 0);
        if (reading?.generation !== generation) {
          if (reading?.lastId) {
            reading = undefined;
            continue;
          }
          reading = new Reading(generation);
        }
        for (const row of rows) reading.add(row);
        if (reading === this.#complete)
          for (const { key, bronze_key } of rows) onTaken(String(key), String(bronze_key));
        if (rows.length < CHUNK) break;
        await nextTurn();
        if (signal.aborted) return;
      }
      const isOther = reading !== this.#complete;
      this.#complete = reading;
      this.#said = "";
      if (isOther) onOther();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Those of these silver keys that it has taken in; none where there is no warehouse. */
  has(keys: readonly string[]): ReadonlySet<string> {
    try {
      return readSnapshot(this.#options.file, (database) => {
        const select = database.prepare("SELECT 1 FROM objects WHERE key = ?");
        return new Set(keys.filter((key) => select.get(key) !== undefined));
      });
    } catch (error) {
      this.#failed(error);
      return new Set();
    }
  }

  #read(afterId: number): { generation: string; rows: Record<string, unknown>[] } {
    return readSnapshot(this.#options.file, (database) => {
      const meta = database.prepare("SELECT value FROM meta WHERE name = 'generation'").get();
      const rows = database
        .prepare(
          `SELECT id, key, bronze_key, dataset, rows, read, kept, rejected, duplicates, reasons, ingested_at
           FROM objects WHERE id > ? ORDER BY id LIMIT ${CHUNK}`,
        )
        .all(afterId);
      return { generation: String(meta?.value), rows };
    });
  }

  #failed(error: unknown): void {
    const code = error instanceof IngotError ? error.code : undefined;
    // Somebody is at it: what is known is true enough until the next look.
    if (code === "warehouse_busy") return;
    if (code !== undefined) this.#complete = undefined;
    const message = messageOf(error);
    if (message !== this.#said && code !== "warehouse_missing") this.#options.logger.warn(message);
    this.#said = message;
  }
}

/** What was read of one generation of the warehouse. */
class Reading implements TakenIn {
  readonly generation: string;
  lastId = 0;
  readonly datasets = new Map<string, CleanCounts>();
  readonly rejects = new Map<string, Map<string, RejectedIn[]>>();
  #runs = new Map<string, IngestRun>();

  constructor(generation: string) {
    this.generation = generation;
  }

  get runs(): readonly IngestRun[] {
    return [...this.#runs.values()].sort((a, b) => (a.at < b.at ? 1 : -1));
  }

  add(row: Record<string, unknown>): void {
    const { id, dataset, ingested_at } = row;
    const counts = countsOf(row);
    this.lastId = Number(id);
    addCounts(entry(this.datasets, String(dataset), noCounts), counts);
    this.#addRun(String(ingested_at), counts);
    for (const reason of Object.keys(counts.reasons)) {
      const reasons = entry(this.rejects, String(dataset), () => new Map<string, RejectedIn[]>());
      const objects = entry(reasons, reason, () => []);
      objects.unshift({ silverKey: String(row.key), bronzeKey: String(row.bronze_key) });
      if (objects.length > OBJECTS_PER_REASON) objects.pop();
    }
  }

  #addRun(at: string, { read, kept, rejected, duplicates }: CleanCounts): void {
    const run = entry(this.#runs, at, () => ({
      at,
      objects: 0,
      read: 0,
      kept: 0,
      rejected: 0,
      duplicates: 0,
    }));
    run.objects += 1;
    run.read += read;
    run.kept += kept;
    run.rejected += rejected;
    run.duplicates += duplicates;
    if (this.#runs.size > 2 * RUNS_KEPT)
      this.#runs = new Map(this.runs.slice(0, RUNS_KEPT).map((kept) => [kept.at, kept]));
  }
}

function entry<V>(map: Map<string, V>, key: string, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}

/** Where nobody wrote the counts down, the rows in the object are what was kept. */
function countsOf(row: Record<string, unknown>): CleanCounts {
  const number = (name: string): number => Number(row[name] ?? 0);
  let reasons: Record<string, number> = {};
  try {
    reasons = JSON.parse(String(row.reasons));
  } catch {
    // Not of this version.
  }
  return {
    read: number("read"),
    kept: Number(row.kept ?? row.rows),
    rejected: number("rejected"),
    duplicates: number("duplicates"),
    reasons,
  };
}
