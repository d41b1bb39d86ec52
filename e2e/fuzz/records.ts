import { DATASETS, type DatasetName } from "@ingot/pipelines";
import fc from "fast-check";
import Papa from "papaparse";
import { type FuzzCase, GIVING } from "./fuzz-case.ts";

type Fields = Record<string, unknown>;

/** Begins every name and e-mail address that is a text, and occurs nowhere else. */
const SECRET = "qzqz";
/** Begins every valid IP address (RFC 5737), and occurs nowhere else. */
const SECRET_NETWORK = "203.0.113.";

/** A number as it stands in the file, which no double may hold. */
const literal = (text: string): unknown =>
  (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);

const oddText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...'{}[]",:;\\\n\r\t\0|é😀 \u2028\uFEFF\u202E\u0301ŉß') }),
  fc.constantFrom("a\ud800", "\udc00", "", " ", "\u00a0", "null", "NaN", "1e400", "__proto__", "=1+1"),
  fc.integer({ min: 1, max: 3000 }).map((length) => "x".repeat(length)),
);

const oddNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc
    .constantFrom("1e400", "-1e400", "1e-400", "-0", "9007199254740993", "0.1e1", "99999999999.99995", "1E+2")
    .map(literal),
  fc
    .tuple(fc.constantFrom("", "-"), fc.bigInt({ min: 1n, max: 10n ** 60n }))
    .map(([sign, digits]) => literal(sign + digits)),
);

const deep = fc.integer({ min: 1, max: 300 }).map((depth) => {
  let value: unknown = 1;
  for (let at = 0; at < depth; at += 1) value = at % 2 === 0 ? [value] : { order_id: value };
  return value;
});

const nested = fc.oneof(
  { weight: 9, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: deep },
);

const oddValue = fc.oneof(
  { weight: 4, arbitrary: oddText },
  { weight: 3, arbitrary: oddNumber },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, true, false) },
  { weight: 1, arbitrary: nested },
);

const day = fc
  .date({ min: new Date("0001-01-02"), max: new Date("9999-12-30"), noInvalidDate: true })
  .map((date) => date.toISOString());
const instant = fc.oneof(
  day,
  day.map((text) => text.slice(0, 10)),
  day.map((text) => text.slice(0, 10).split("-").reverse().join("/")),
  fc.integer({ min: 0, max: 4_000_000_000 }),
  fc.integer({ min: 0, max: 4_000_000_000_000 }),
  fc.constantFrom("32/13/2025", "2026-02-30", "2024-02-29T23:59:60Z", "29/02/2023 10:00"),
);
const id = fc.oneof(
  fc.nat({ max: 20 }),
  fc.nat().map((n) => `id-${n}`),
  fc.uuid(),
);
const amount = fc.oneof(
  fc.integer({ min: -5, max: 99 }),
  fc.double({ min: -10, max: 1e6, noNaN: true }).map(String),
);
const text = fc.constantFrom("web", "Tea", "/cart?x=1", "Perú", "NA");

/** Good values by field; a field that is not here has texts. */
const GOOD: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  order_id: id,
  customer_id: id,
  quantity: amount,
  unit_price: amount,
  total_amount: amount,
  order_ts: instant,
  ts: instant,
  signup_date: instant,
  ip: fc.nat({ max: 255 }).map((host) => `${SECRET_NETWORK}${host}`),
};

const SECRET_FIELDS = new Set(["first_name", "last_name", "email"]);

/** Values of a field: good ones, or anything; undefined where the field is missing. */
function fieldValue(field: string): fc.Arbitrary<unknown> {
  if (SECRET_FIELDS.has(field))
    return fc.option(
      oddText.map((value) => SECRET + value),
      { nil: undefined },
    );
  return fc.oneof(
    { weight: 12, arbitrary: GOOD[field] ?? text },
    { weight: 2, arbitrary: oddValue },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

const extraFields = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.dictionary(
      oddText.map((name) => `extra ${name}`),
      oddValue,
      { maxKeys: 3 },
    ),
  },
);

const recordOf = (dataset: DatasetName): fc.Arbitrary<Fields> =>
  fc
    .tuple(
      fc.record(
        Object.fromEntries(DATASETS[dataset].bronzeFields.map((field) => [field, fieldValue(field)])),
      ),
      extraFields,
    )
    .map(([fields, extra]) => ({ ...fields, ...extra }));

const line = (fields: Fields): string => JSON.stringify(fields);

/** JSON forms, by ending. All have the same records in the same order. */
const JSON_FORMS: Readonly<
  Record<string, readonly [what: string, ending: string, (all: Fields[]) => string]>
> = {
  lines: ["JSON Lines", ".jsonl", (all) => all.map((one) => `${line(one)}\n`).join("")],
  array: ["JSON array", ".json", (all) => `[\n${all.map(line).join(",\n")}\n]\n`],
  oneLine: ["JSON array", ".json", (all) => `[${all.map(line).join(", ")}]`],
  pretty: ["JSON array", ".json", (all) => JSON.stringify(all, null, 2)],
};

/** Rows of CSV: every value in quotes, some rows too short, some with more values than the header has columns. */
function csvOf(dataset: DatasetName, all: Fields[], delimiter: string, newline: string): string {
  const names = DATASETS[dataset].bronzeFields;
  const rows = all.map((fields, at) => {
    const values = names.map((name) => textOf(fields[name]));
    if (at % 10 !== 3) return values;
    // A row over several lines is believed only where it is as long as the header.
    const single = values.map((value) => value.replaceAll(/[\r\n]/g, " "));
    return at % 20 === 3 ? single.slice(0, -1 - (at % 3)) : [...single, "more"];
  });
  return Papa.unparse([[...names], ...rows], { quotes: true, delimiter, newline }) + newline;
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);

const giving = fc.record(GIVING);

function casesOf(dataset: DatasetName): fc.Arbitrary<FuzzCase> {
  const records = fc.array(recordOf(dataset), { minLength: 1, maxLength: RECORDS_AT_MOST, size: "max" });
  const secrets = [SECRET, SECRET_NETWORK];
  const forms = Object.keys(JSON_FORMS);
  const json = fc
    .tuple(records, fc.constantFrom(...forms), fc.constantFrom(...forms), giving)
    .map(([all, form, other, how]): FuzzCase => {
      const written = (one: string) => {
        const [what, ending, write] = JSON_FORMS[one]!;
        return { what, key: `${dataset}_1${ending}`, bytes: Buffer.from(write(all)) };
      };
      return { ...written(form), ...how, dataset, records: all.length, otherWay: written(other), secrets };
    });
  const csv = fc
    .tuple(records, fc.constantFrom(",", ";", "\t", "|"), fc.constantFrom("\n", "\r\n", "\r"), giving)
    .map(([all, delimiter, newline, how]): FuzzCase => {
      const bytes = Buffer.from(csvOf(dataset, all, delimiter, newline));
      return { ...how, what: "CSV", dataset, key: `${dataset}_1.csv`, bytes, records: all.length, secrets };
    });
  return fc.oneof({ weight: 3, arbitrary: json }, { weight: 2, arbitrary: csv });
}

const RECORDS_AT_MOST = 200;

/** Files of valid syntax whose records may have anything in any field. */
export const RECORD_CASES: fc.Arbitrary<FuzzCase> = fc.oneof(
  casesOf("customers"),
  casesOf("orders"),
  casesOf("clicks"),
);
