import type { Cells, RawRecord, ReadOptions } from "../src/index.ts";
import { NOTHING, readRecords, TEXT } from "../src/index.ts";
import { ContentReader } from "../src/records/content-reader.ts";
import { detectFormat } from "../src/records/detect-format.ts";
import { FormatReader } from "../src/records/format-reader.ts";
import { HeadCollector } from "../src/records/head.ts";
import { RecordList } from "../src/records/record-sink.ts";

export const KNOWN_FIELDS = ["id", "name", "email", "amount"];

/** Bytes as a storage would give them, in chunks of one size. */
export async function* chunked(content: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function readAll(
  content: string | Uint8Array,
  options: Partial<ReadOptions> = {},
  chunkSize = Number.MAX_SAFE_INTEGER,
): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  const all = { name: "orders.json", knownFields: KNOWN_FIELDS, ...options };
  for await (const batch of readRecords(chunked(content, chunkSize), all)) records.push(...batch);
  return records;
}

/**
 * Reads in chunks of any of these sizes, all of which must agree with the reading at once, which is given. Since the
 * first 64 KiB are collected before they are read, the reader of the format is also fed by itself.
 */
export async function readInAnyChunks(
  content: string | Uint8Array,
  options: Partial<ReadOptions> = {},
  sizes: readonly number[] = [1, 7, 1000],
): Promise<RawRecord[]> {
  const whole = await readAll(content, options);
  for (const size of sizes) {
    expectSame(await readAll(content, options, size), whole, `chunks of ${size}`);
    const fed = feed(content, options, size);
    if (fed) expectSame(fed, whole, `a reader fed with chunks of ${size}`);
    const known = readKnownFields(content, options, size);
    if (known) expectSame(known, whole.map(onlyKnown(options)), `the known fields in chunks of ${size}`);
  }
  return whole;
}

/** Leaves a record those of its fields that are known, as they read the same. */
const onlyKnown =
  ({ knownFields = KNOWN_FIELDS }: Partial<ReadOptions>) =>
  (record: RawRecord): RawRecord =>
    "problem" in record
      ? record
      : {
          ...record,
          fields: fieldsOf(knownFields, (name) =>
            Object.hasOwn(record.fields, name) ? record.fields[name] : undefined,
          ),
        };

const fieldsOf = (names: readonly string[], value: (name: string, at: number) => unknown) =>
  Object.fromEntries(names.map((name, at) => [name, exactly(value(name, at))]));

/** JSON does not tell -0 from 0. What is absent, null or a truth value is nothing for a rule. */
const exactly = (value: unknown): unknown => {
  if (Object.is(value, -0)) return "minus zero";
  return value === undefined || value === null || typeof value === "boolean" ? "nothing" : value;
};

/** Reads the way that cleaning does; `undefined` for compressed content. */
function readKnownFields(
  content: string | Uint8Array,
  options: Partial<ReadOptions>,
  size: number,
): RawRecord[] | undefined {
  const bytes = Buffer.from(content);
  if (bytes.indexOf("\x1f\x8b", 0, "latin1") === 0) return undefined;
  const { knownFields = KNOWN_FIELDS } = options;
  const list = new RecordList();
  const add = (fields: RawFields, position: number, raw: string): void => {
    const place = reader.unit === "line" ? { line: position } : { index: position };
    list.records.push(onlyKnown(options)({ raw, place, fields }));
  };
  const reader = new ContentReader({ name: "orders.json", ...options, knownFields }, true, {
    values: (cells, position, { raw }) => {
      const values = knownFields.map((name, field) => [name, cellValue(cells, field)]);
      add(Object.fromEntries(values), position, raw);
    },
    record: (fields, place, raw) => add(fields, "line" in place ? place.line : place.index, raw),
    reject: (record) => list.reject(record),
  });
  for (let at = 0; at < bytes.length && !reader.unreadable; at += size)
    reader.push(bytes.subarray(at, at + size));
  if (!reader.unreadable) reader.finish();
  return list.records;
}

function cellValue(cells: Cells, field: number): unknown {
  const text = cells.text(field);
  if (cells.kinds[field] === TEXT) return text;
  if (cells.kinds[field] === NOTHING) return text === "" ? undefined : `nothing with the text ${text}`;
  const number = cells.numbers[field]!;
  return text === String(number) ? number : `${number} with the text ${text}`;
}

type RawFields = Readonly<Record<string, unknown>>;

function expectSame(records: RawRecord[], whole: RawRecord[], how: string): void {
  if (JSON.stringify(records) === JSON.stringify(whole)) return;
  throw new Error(`${how}: ${JSON.stringify(records)}\nbut at once: ${JSON.stringify(whole)}`);
}

/** Feeds the reader of a content's format in chunks; `undefined` where there is none, or the content is compressed. */
function feed(
  content: string | Uint8Array,
  options: Partial<ReadOptions>,
  size: number,
): RawRecord[] | undefined {
  const head = new HeadCollector();
  const bytes = Buffer.from(content);
  const isWhole = !head.push(bytes);
  if (bytes.indexOf("\x1f\x8b", 0, "latin1") === 0 || !head.finish()) return undefined;
  const { name = "orders.json", knownFields = KNOWN_FIELDS, maxRecordBytes = 1024 * 1024 } = options;
  const format = detectFormat({ bytes: head.deciding, whole: isWhole, name, knownFields });
  if (format.kind === "unreadable") return undefined;
  const list = new RecordList();
  const formatOptions = { knownFields, onlyKnownFields: false, maxRecordBytes };
  const reader = new FormatReader(format, head.line, formatOptions, list);
  const rest = head.release();
  for (let at = 0; at < rest.length; at += size) reader.push(rest.subarray(at, at + size));
  reader.finish();
  return list.records;
}

/** A record as tests write it: its fields, or `reason@place: raw`. */
export function brief(record: RawRecord): unknown {
  if (!("problem" in record)) return record.fields;
  const place = "line" in record.place ? record.place.line : record.place.index;
  return `${record.problem.reason}@${place}: ${record.raw}`;
}
