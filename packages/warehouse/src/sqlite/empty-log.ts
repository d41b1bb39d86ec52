import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { IngotError } from "@ingot/common";

const ATTEMPTS = 50;
const RETRY_MS = 100;

/**
 * Copies what waits in the write-ahead log of a warehouse file into the file and empties the log: what was deleted or
 * written over before is then in neither.
 *
 * @throws IngotError `warehouse_busy` where others read or write for seconds without a pause
 */
export async function emptyLog(file: string): Promise<void> {
  const database = new DatabaseSync(file, { timeout: 1000 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0) return;
      await delay(RETRY_MS);
    }
  } finally {
    database.close();
  }
  throw new IngotError(
    "warehouse_busy",
    `The warehouse ${file} is in use without a pause, so that what it had before stays in its log. Run it again.`,
  );
}
