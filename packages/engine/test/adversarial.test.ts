import { describe, expect, it } from "vitest";
import { type RawRecord, readRecords } from "../src/index.ts";
import { chunked, KNOWN_FIELDS } from "./reading.ts";

const fill = (piece: string, size: number): string =>
  piece.repeat(Math.ceil(size / piece.length)).slice(0, size);

const JSON_PIECES = [
  ",{",
  "[",
  "[1",
  "[1,",
  "[1],",
  `[${"1,".repeat(2000)}`,
  '{"a":[1,',
  '{"a":',
  "{",
  "}",
  '"',
  '",',
  "\\",
  '{"a":nul},',
  "{x},",
  '{"a":1}x',
  '{"a":{"b":nul},',
  `{"a":"${"x".repeat(5000)},\n`,
  `{"a":[${"{},".repeat(500)}\n`,
  "\n{",
  `${" ".repeat(1000)}{`,
];

const CSV_PIECES = [
  '1,"',
  '"\n',
  '""\n',
  '"""\n',
  ',"x\n',
  '""",a","z\n',
  `1,"${"x\n".repeat(300)}`,
  '1,""',
  '"" \n',
  "\r",
  ",",
  '"\r',
];

const LINE_PIECES = ["x\n", "{\n", "{x}\n", '"\n', '"""\n', "\r", '{"a":n}\r\n'];

interface Skimmed {
  first: RawRecord | undefined;
  count: number;
  /** How long reading took, in milliseconds. */
  time: number;
}

async function skim(
  content: string,
  name: string,
  maxRecordBytes?: number,
  chunkSize = 65_536,
): Promise<Skimmed> {
  const options = { name, knownFields: KNOWN_FIELDS, ...(maxRecordBytes && { maxRecordBytes }) };
  // Of the processor, not of the clock: other tests run meanwhile.
  const started = process.cpuUsage();
  let first: RawRecord | undefined;
  let count = 0;
  for await (const batch of readRecords(chunked(content, chunkSize), options)) {
    first ??= batch[0];
    count += batch.length;
  }
  const { user, system } = process.cpuUsage(started);
  return { first, count, time: (user + system) / 1000 };
}

// Quadratic work would take minutes.
const SECONDS = 8000;

const SMALL = { size: 100_000, maxRecordBytes: 16_384 };
const LARGE = { size: 1_500_000, maxRecordBytes: 1_048_576 };
/** In tiny chunks. */
const CHOPPED_BYTES = 40_000;

describe("content that is made to be hard", () => {
  it.each(JSON_PIECES)("ends soon as JSON array: %j", async (piece) => {
    const content = `[{"id":1},${fill(piece, SMALL.size)}`;
    const { first, count, time } = await skim(content, "orders.json", SMALL.maxRecordBytes);
    expect(first).toHaveProperty("fields.id", 1);
    expect(count).toBeGreaterThan(1);
    expect(time).toBeLessThan(SECONDS);
  });

  it.each(LINE_PIECES)("ends soon as JSON Lines: %j", async (piece) => {
    const content = `{"id":1}\n${fill(piece, SMALL.size)}`;
    const { first, time } = await skim(content, "clicks.txt", SMALL.maxRecordBytes);
    expect(first).toHaveProperty("fields.id", 1);
    expect(time).toBeLessThan(SECONDS);
  });

  it.each(CSV_PIECES)("ends soon as CSV: %j", async (piece) => {
    const content = `id,name\n1,Ann\n${fill(piece, SMALL.size)}`;
    const { first, time } = await skim(content, "customers.csv", SMALL.maxRecordBytes);
    expect(first).toHaveProperty("fields.name", "Ann");
    expect(time).toBeLessThan(SECONDS);
  });

  it.each([
    ["orders.json", '[{"id":1}', ",{"],
    ["orders.json", '[{"id":1}', "["],
    ["orders.json", '[{"id":1}', '{"a":'],
    ["orders.json", '[{"id":1},', '{"a":{"b":nul},'],
    ["customers.csv", "id,name\n1,Ann\n", '1,"'],
    ["customers.csv", "id,name\n1,Ann\n", '"""\n'],
  ])("ends within seconds in 1.5 MB of %s: %j%j", async (name, begin, piece) => {
    const { count, time } = await skim(begin + fill(piece, LARGE.size), name, LARGE.maxRecordBytes);
    expect(count).toBeGreaterThan(1);
    expect(time).toBeLessThan(SECONDS);
  });

  it("ends soon in chunks of seven bytes", async () => {
    const array = await skim(`[{"id":1},${fill('{"a":[1,', CHOPPED_BYTES)}`, "orders.json", undefined, 7);
    const csv = await skim(`id,name\n${fill('1,"', CHOPPED_BYTES)}`, "customers.csv", undefined, 7);
    expect(array.time + csv.time).toBeLessThan(SECONDS);
  });
});
