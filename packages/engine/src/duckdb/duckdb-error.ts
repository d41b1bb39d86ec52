import { IngotError, messageOf } from "@ingot/common";

const INTERRUPTED = /^INTERRUPT Error/;
/** What the client puts before a parser's message. */
const EXTRACTING = /^Failed to extract statements: /;
/** Where DuckDB begins to advise on its own options, which nobody here can set. */
const ADVICE = /\n(?:Possible |This type was auto-detected|Column \S+ is being converted)/;
const LONGEST_LINE = 400;

/** True where a query ended because it was interrupted. */
export const isInterruption = (error: unknown): boolean => INTERRUPTED.test(messageOf(error));

/** What DuckDB threw, as the product's error: its message with the place in the SQL or the file. */
export function duckDbError(cause: unknown): IngotError {
  if (cause instanceof IngotError) return cause;
  const message = messageOf(cause).replace(EXTRACTING, "").trim();
  const line = /^LINE (\d+):/m.exec(message)?.[1];
  return new IngotError("query_failed", readable(message), {
    cause,
    context: line === undefined ? {} : { line: Number(line) },
  });
}

/** Without advice that is no use here, and with lines that fit on a screen: a CSV error shows the whole record. */
function readable(message: string): string {
  const file = /^ {2}file = (.+)$/m.exec(message)?.[1];
  const head = message.split(ADVICE)[0]!.trimEnd();
  const lines = head
    .split("\n")
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
  return [...lines, ...(file === undefined ? [] : [`File: ${file}`])].join("\n");
}
