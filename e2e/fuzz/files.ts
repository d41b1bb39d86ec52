import { gzipSync } from "node:zlib";
import { createWorld, faultRates } from "@ingot/generator";
import type { DatasetName } from "@ingot/pipelines";
import fc from "fast-check";
import Papa from "papaparse";
import { damage, damaged } from "../../services/cleaner/test/damage.ts";
import { type FuzzCase, GIVING, type Source } from "./fuzz-case.ts";

/** One file in so many is a large one, in which helpers take part; the first comes soon. */
const LARGE_EVERY = 80;
const FIRST_LARGE = 5;
/** Files above 8 MiB. */
const LARGE_ROWS: Readonly<Record<DatasetName, number>> = {
  customers: 150_000,
  orders: 50_000,
  clicks: 80_000,
};

type Fields = Record<string, unknown>;

interface Form {
  form: Source["form"];
  ending: string;
  /** Undefined where the generator's own bytes are taken. */
  write?: (records: Fields[]) => string;
}

const AS_LINES: Form = {
  form: "lines",
  ending: ".jsonl",
  write: (all) => all.map((one) => `${JSON.stringify(one)}\n`).join(""),
};
const AS_ARRAY: Form = {
  form: "array",
  ending: ".json",
  write: (all) => `[\n${all.map((one) => JSON.stringify(one)).join(",\n")}\n]\n`,
};
const asCsv = (delimiter: string): Form => ({
  form: "csv",
  ending: ".csv",
  write: (all) => `${Papa.unparse(all, { delimiter, newline: "\n" })}\n`,
});

/** The generator's own form first. */
const FORMS: Readonly<Record<DatasetName, readonly Form[]>> = {
  customers: [{ form: "csv", ending: ".csv" }, asCsv(";"), AS_LINES, AS_ARRAY],
  orders: [{ form: "array", ending: ".json" }, AS_LINES, asCsv(","), asCsv(";")],
  clicks: [{ form: "lines", ending: ".txt" }, AS_ARRAY, asCsv(";")],
};

function generated(dataset: DatasetName, seed: number, rows: number): Buffer {
  const all = { customers: 20, orders: 0, clicks: 0, [dataset]: rows };
  const world = createWorld({ seed, rows: all, faults: faultRates() });
  return world.tick(new Date("2026-01-01T12:00:00Z"), 3_600_000).files[dataset];
}

function recordsOf(dataset: DatasetName, bytes: Buffer): Fields[] {
  const text = bytes.toString("utf8");
  if (dataset === "orders") return JSON.parse(text) as Fields[];
  if (dataset === "customers") return Papa.parse<Fields>(text, { header: true, skipEmptyLines: true }).data;
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as Fields];
    } catch {
      return [];
    }
  });
}

/** Large files by dataset: making one takes longer than trying it. */
const large = new Map<string, Buffer>();

function sourceOf(dataset: DatasetName, seed: number, rows: number, { form, write }: Form): Source {
  const make = (): Buffer => {
    const bytes = generated(dataset, seed, rows);
    return write ? Buffer.from(write(recordsOf(dataset, bytes))) : bytes;
  };
  if (rows < LARGE_ROWS[dataset]) return { form, bytes: make() };
  const bytes = large.get(dataset) ?? make();
  large.set(dataset, bytes);
  return { form, bytes };
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

const ENCODINGS: Readonly<Record<string, (utf8: Buffer) => Buffer>> = {
  "UTF-8": (bytes) => bytes,
  "UTF-8 with byte order mark": (bytes) => Buffer.concat([BYTE_ORDER_MARK, bytes]),
  "Latin-1": (bytes) => Buffer.from(bytes.toString("utf8"), "latin1"),
  CRLF: (bytes) => Buffer.from(bytes.toString("latin1").replaceAll("\n", "\r\n"), "latin1"),
};

const ANY_PLACE = ["replace", "delete", "insert", "flip", "double", "swap"] as const;

const damages = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: damage(ANY_PLACE, 40) },
    { weight: 2, arbitrary: damage(ANY_PLACE, 3000) },
    { weight: 1, arbitrary: damage(["truncate", "line ends"]) },
  ),
  { maxLength: 5 },
);

/** Few, mostly; from some 500 on there is more than decides about the format, and helpers have blocks to clean. */
const rows = fc.noBias(
  fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 3, max: 300 }) },
    { weight: 1, arbitrary: fc.integer({ min: 500, max: 2000 }) },
  ),
);

/** Files of the generator, damaged. What is large follows from the seed only, so that it is made once. */
export function FILE_CASES(seed: number, index: number): fc.Arbitrary<FuzzCase> {
  const isLarge = index % LARGE_EVERY === FIRST_LARGE;
  const datasets = Object.keys(FORMS) as DatasetName[];
  const choice = isLarge
    ? fc.constantFrom(...datasets.map((dataset) => ({ dataset, form: FORMS[dataset][0]! })))
    : fc.constantFrom(...datasets.flatMap((dataset) => FORMS[dataset].map((form) => ({ dataset, form }))));
  return fc
    .record({
      choice,
      encoding: fc.constantFrom(...Object.keys(ENCODINGS)),
      seedOfFile: isLarge ? fc.constant(seed) : fc.nat({ max: 1_000_000 }),
      rows,
      damages,
      isJoined: fc.nat({ max: 9 }).map((one) => one === 0),
      gzip: fc.constantFrom("none", "none", "around the damage", "damaged itself"),
      ...GIVING,
    })
    .map(({ choice: { dataset, form }, encoding, seedOfFile, rows, damages, isJoined, gzip, ...how }) => {
      const count = isLarge ? LARGE_ROWS[dataset] : rows;
      const { bytes } = sourceOf(dataset, seedOfFile, count, form);
      const encoded = ENCODINGS[encoding]!(bytes);
      const other = isJoined
        ? ENCODINGS[encoding]!(sourceOf(dataset, seedOfFile + 1, rows, form).bytes)
        : undefined;
      const whole = other ? Buffer.concat([encoded, other]) : encoded;
      const hurt = (content: Buffer) => damages.reduce((sum, one) => damaged(sum, one), content);
      const zipped = (content: Buffer) => gzipSync(content, { level: 1 });
      const content =
        gzip === "none" ? hurt(whole) : gzip === "damaged itself" ? hurt(zipped(whole)) : zipped(hurt(whole));
      return {
        ...how,
        blockBytes: isLarge ? (how.blockBytes ?? 40_000) * 13 : how.blockBytes,
        onDisk: how.onDisk || isLarge,
        what: `${isLarge ? "above 8 MB, " : ""}${{ csv: "CSV", lines: "JSON Lines", array: "JSON array" }[form.form]}${gzip === "none" ? "" : ", gzip"}`,
        dataset,
        key: `${dataset}_1${form.ending}${gzip === "none" ? "" : ".gz"}`,
        bytes: content,
        source: { form: form.form, bytes: whole },
      };
    });
}
