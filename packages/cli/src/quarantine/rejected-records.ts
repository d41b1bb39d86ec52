/** A rejected record as a line of quarantine tells it (contract: e-commerce, section 3). */
export interface Rejection {
  /** `line 12` or `index 3`; empty where the line does not tell. */
  place: string;
  reason: string;
  detail: string | undefined;
  raw: string;
  /** True where `raw` could not carry all bytes, which are there in base64. */
  hasBytes: boolean;
  /** True where `raw` is only the beginning of the piece. */
  isTruncated: boolean;
}

/** The reason of a line that is none of the cleaner's. */
const UNTOLD = "(not a line of the cleaner's)";
const LF = 10;

/** The lines of a body without their line ends, as they are; memory holds one line and one chunk. */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let begun: Uint8Array[] = [];
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      begun.push(chunk.subarray(start, end));
      yield textOf(begun);
      begun = [];
      start = end + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
  }
  if (begun.length > 0) yield textOf(begun);
}

const textOf = (pieces: readonly Uint8Array[]): string => Buffer.concat(pieces).toString("utf8");

/** What a line tells; one that is no such JSON is its own raw text. */
export function readRejection(line: string): Rejection {
  const { line: lineNumber, index, reason, detail, raw, raw_base64, raw_truncated } = fieldsOf(line);
  const place = lineNumber !== undefined ? `line ${lineNumber}` : index !== undefined ? `index ${index}` : "";
  return {
    place,
    reason: typeof reason === "string" ? reason : UNTOLD,
    detail: typeof detail === "string" ? detail : undefined,
    raw: typeof raw === "string" ? raw : line,
    hasBytes: raw_base64 !== undefined,
    isTruncated: raw_truncated === true,
  };
}

function fieldsOf(line: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}
