import { type CommandContext, IngotError, type Lake } from "@ingot/common";
import type { DuckDbSession, LocalObjects } from "@ingot/engine";
import { type LakeTables, openLakeTables } from "@ingot/pipelines/tables";

const ATTEMPTS = 3;

/**
 * Makes the lake's tables in a session. Services may write while we look: then what is there now is looked at again.
 *
 * @throws as `openLakeTables` does
 */
export async function openTables(
  lake: Lake,
  session: DuckDbSession,
  objects: LocalObjects,
  { signal }: Pick<CommandContext, "signal">,
  sql: string,
): Promise<LakeTables> {
  const { silver, gold } = lake;
  const progress = fetchProgress();
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await openLakeTables({ session, objects, silver, gold, sql, signal, ...progress });
      } catch (error) {
        const isMoving =
          error instanceof IngotError && ["object_changed", "object_missing"].includes(error.code);
        if (!isMoving || attempt === ATTEMPTS) throw error;
      }
    }
  } finally {
    progress.end();
  }
}

/** On a terminal, a line that says how much came over the network so far. */
function fetchProgress() {
  const isTerminal = process.stderr.isTTY === true;
  let objects = 0;
  let bytes = 0;
  return {
    onFetched: ({ size }: { size: number }): void => {
      objects += 1;
      bytes += size;
      if (!isTerminal || objects % 20 !== 0) return;
      process.stderr.write(`\r\u001b[2K${objects} objects fetched, ${(bytes / 1e6).toFixed(0)} MB`);
    },
    end: (): void => {
      if (isTerminal && objects >= 20) process.stderr.write("\r\u001b[2K");
    },
  };
}
