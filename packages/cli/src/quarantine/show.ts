import { IngotError, type Lake } from "@ingot/common";
import { counted } from "../amounts.ts";
import { writeToStdout } from "../query/output.ts";
import { pieces } from "../query/result-text.ts";
import { cut, printable, printableJson } from "../query/text-table.ts";
import { findRejected, type RejectedObject } from "./rejected-objects.ts";
import { linesOf, type Rejection, readRejection } from "./rejected-records.ts";

export interface ShowRequest {
  /** A bronze key or a key in quarantine. */
  key: string;
  reason: string | undefined;
  /** Records that are shown; `undefined` for all. */
  limit: number | undefined;
  /** The lines as they are stored. */
  json: boolean;
}

/** Writes the rejected records of a bronze object to standard output as they are read. @throws IngotError */
export async function show(lake: Lake, request: ShowRequest, signal: AbortSignal): Promise<void> {
  const object = await findRejected(lake, request.key);
  const lines = matching(lake, object, request, signal);
  const isTerminal = process.stdout.isTTY === true;
  const text = request.json
    ? storedText(lines, request.limit, isTerminal)
    : readableText(object, lines, request, isTerminal ? process.stdout.columns : undefined);
  await writeToStdout(pieces(text));
}

async function* matching(
  { quarantine }: Lake,
  { key }: RejectedObject,
  { reason }: ShowRequest,
  signal: AbortSignal,
): AsyncGenerator<string> {
  for await (const line of linesOf((await quarantine.read(key)).body)) {
    if (signal.aborted) throw new IngotError("incomplete", "Stopped before all was shown.");
    if (reason === undefined || readRejection(line).reason === reason) yield line;
  }
}

async function* storedText(
  lines: AsyncIterable<string>,
  limit: number | undefined,
  isTerminal: boolean,
): AsyncGenerator<string> {
  let shown = 0;
  for await (const line of lines) {
    yield `${isTerminal ? printableJson(line) : line}\n`;
    shown += 1;
    if (shown === limit) return;
  }
}

async function* readableText(
  { bronzeKey }: RejectedObject,
  lines: AsyncIterable<string>,
  { reason, limit }: ShowRequest,
  width: number | undefined,
): AsyncGenerator<string> {
  const what = reason === undefined ? "" : ` with the reason ${printable(reason)}`;
  yield `Rejected records of ${printable(bronzeKey)}${what}\n\n`;
  let shown = 0;
  for await (const line of lines) {
    if (shown === limit) {
      yield `\n(the first ${counted(shown, "record")}; --limit shows more, --json all)\n`;
      return;
    }
    yield recordText(readRejection(line), width);
    shown += 1;
  }
  yield `${shown === 0 ? "" : "\n"}(${counted(shown, "record")})\n`;
}

function recordText(
  { place, reason, detail, raw, hasBytes, isTruncated }: Rejection,
  width: number | undefined,
): string {
  const notes = [
    detail,
    hasBytes ? "not UTF-8: --json has its bytes" : undefined,
    isTruncated ? "only its beginning was kept" : undefined,
  ];
  const told = notes.filter((note) => note !== undefined).join("; ");
  const head = [place, reason, ...(told === "" ? [] : [told])].map(printable).join("  ");
  const indent = "    ";
  const fitting =
    width === undefined
      ? printable(raw)
      : // Of a record of megabytes no more is looked at than a line may have.
        cut(printable(raw.slice(0, 2 * width)), Math.max(1, width - indent.length));
  return `${head}\n${indent}${fitting}\n`;
}
