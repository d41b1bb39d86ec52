import { once } from "node:events";
import { setImmediate as breathe } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { IngotError } from "@ingot/common";
import { moneyFormatOf } from "./sheet-cells.ts";
import type { ThreadData, ThreadRequest } from "./thread-messages.ts";
import { checkSheetRows, type Sheet } from "./workbook.ts";

export interface WorkbookOptions {
  /** ISO 4217, shown with amounts. */
  currency: string;
  /** Whether amounts are shown with the currency's code, as is usual, or its symbol. */
  currencyDisplay?: "code" | "symbol";
  /** Milliseconds that it may take. */
  timeoutMs: number;
  /** Gives up. */
  signal?: AbortSignal;
}

/** The caller serves others after so many rows. */
const ROWS_AT_ONCE = 1_000;

/**
 * An Excel file of at least one sheet, each with a bold header that stays in sight. Numbers are numbers, unless
 * spreadsheets would round them; days are days from 1900-03-01 on; all else is text, which is never a formula.
 * It is written in a thread of its own: nothing else waits for it.
 *
 * The same sheets give the same content, though not the same bytes: the file has the time in it.
 *
 * @throws IngotError `too_many_rows`, `query_timeout`; the signal's reason
 */
export async function writeWorkbook(
  sheets: readonly Sheet[],
  { currency, currencyDisplay, timeoutMs, signal }: WorkbookOptions,
): Promise<Buffer> {
  for (const { rows } of sheets) checkSheetRows(rows.length);
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const ending = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const workerData: ThreadData = {
    sheets: sheets.map(({ rows: _, ...sheet }) => sheet),
    moneyFormat: moneyFormatOf(currency, currencyDisplay),
  };
  const thread = new Worker(new URL("./workbook-thread.ts", import.meta.url), { workerData });
  try {
    const answer = once(thread, "message", { signal: ending });
    const [[bytes]] = await Promise.all([answer, send(thread, sheets, ending)]);
    return Buffer.from((bytes as Uint8Array).buffer);
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.aborted) {
      const message = `The Excel file was not done within ${timeoutMs / 1000} s. Take the CSV, or ask for fewer rows.`;
      throw new IngotError("query_timeout", message);
    }
    if (isTooLarge(error)) {
      const message = "The table is too large for an Excel file. Take the CSV, or ask for fewer rows.";
      throw new IngotError("too_many_rows", message, { cause: error });
    }
    throw error;
  } finally {
    await thread.terminate();
  }
}

async function send(thread: Worker, sheets: readonly Sheet[], ending: AbortSignal): Promise<void> {
  const post = (request: ThreadRequest): void => thread.postMessage(request);
  for (const [sheet, { rows }] of sheets.entries()) {
    for (let at = 0; at < rows.length && !ending.aborted; at += ROWS_AT_ONCE) {
      post({ sheet, rows: rows.slice(at, at + ROWS_AT_ONCE) });
      await breathe();
    }
  }
  post("end");
}

/** True where the thread's memory, or the longest text there can be, was too small. */
function isTooLarge(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return (
    code === "ERR_WORKER_OUT_OF_MEMORY" || (error instanceof RangeError && /string length/.test(message))
  );
}
