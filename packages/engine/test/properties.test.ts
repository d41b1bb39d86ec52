import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../common/test/support/runs.ts";
import type { RawRecord } from "../src/index.ts";
import { csvLine } from "../src/index.ts";
import { readInAnyChunks } from "./reading.ts";

const CHUNKS = fc.constantFrom(1, 2, 3, 7, 64, 1000, Number.MAX_SAFE_INTEGER);

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: fc.constantFrom("{", "}", "[", "]", '"', "\\", ",", ":", "\n", "é", "😀", " ") }),
);
const scalar = fc.oneof(
  text,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);
const record = fc.record({ id: value, name: value, amount: value, other: value }, { requiredKeys: ["id"] });
const records = fc.array(record, { maxLength: 12 });

/** What JSON makes of a value: -0 becomes 0. */
const asJson = (input: unknown): unknown => JSON.parse(JSON.stringify(input));

const fieldsOf = (found: RawRecord[]): unknown[] => found.map((one) => ("problem" in one ? one : one.fields));

const JSON_FORMS: [form: string, name: string, write: (values: object[]) => string][] = [
  [
    "an array with an element in each line",
    "orders.json",
    (values) => `[\n${values.map((v) => JSON.stringify(v)).join(",\n")}\n]\n`,
  ],
  [
    "an array in a single line",
    "orders.json",
    (values) => `[${values.map((v) => JSON.stringify(v)).join(", ")}]`,
  ],
  ["a pretty-printed array", "orders.json", (values) => JSON.stringify(values, null, 2)],
  ["JSON Lines", "clicks.txt", (values) => values.map((v) => `${JSON.stringify(v)}\n`).join("")],
];

describe("valid records", () => {
  it.each(JSON_FORMS)("written as %s are read back exactly, in any chunks", async (_form, name, write) => {
    await fc.assert(
      fc.asyncProperty(records, CHUNKS, fc.boolean(), async (values, size, compress) => {
        const content = compress ? gzipSync(write(values)) : write(values);
        expect(fieldsOf(await readInAnyChunks(content, { name }, [size]))).toEqual(asJson(values));
      }),
      { numRuns: runs(40) },
    );
  });

  it("written as CSV are read back exactly, in any chunks", async () => {
    // Blank lines are skipped and the last column of the row is never blank, so that every row is one record.
    const rows = fc.array(
      fc.tuple(
        text,
        text,
        text.map((last) => `${last}.`),
      ),
      { maxLength: 12 },
    );
    const delimiter = fc.constantFrom(",", ";", "\t", "|");
    const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
    const quoted = (one: string) => `"${one.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(rows, delimiter, lineEnd, CHUNKS, async (values, separator, end, size) => {
        const line = (row: readonly string[]) => row.map(quoted).join(separator) + end;
        const content = [["id", "name", "email"], ...values].map(line).join("");
        const expected = values.map(([id, name, email]) => ({ id, name, email }));
        expect(fieldsOf(await readInAnyChunks(content, { name: "customers.csv" }, [size]))).toEqual(expected);
      }),
      { numRuns: runs(60) },
    );
  });

  it("with quotes wherever they may be are read the same in all ways", async () => {
    const piece = fc.constantFrom(
      '"',
      '""',
      '"a",',
      '"a, b"',
      ",",
      ";",
      "\n",
      "\r\n",
      "\r",
      "a",
      "Ann-B.",
      " ",
      "é",
      "\0",
      '"é"',
    );
    const content = fc
      .array(piece, { maxLength: 40 })
      .map((pieces) => `id,name,email\n1,Ann,a@b.c\n${pieces.join("")}`);
    await fc.assert(
      fc.asyncProperty(content, CHUNKS, async (text, size) => {
        await readInAnyChunks(text, { name: "customers.csv" }, [size]);
      }),
      { numRuns: runs(300) },
    );
  });

  it("written with csvLine are read back exactly, in any chunks", async () => {
    const notQuoteFirst = text.map((one) => `x${one}`);
    const rows = fc.array(fc.tuple(notQuoteFirst, notQuoteFirst), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(rows, CHUNKS, async (values, size) => {
        const content = [["id", "name"], ...values].map(csvLine).join("");
        const expected = values.map(([id, name]) => ({ id, name }));
        expect(fieldsOf(await readInAnyChunks(content, { name: "customers.csv" }, [size]))).toEqual(expected);
      }),
      { numRuns: runs(60) },
    );
  });
});

/** Damage to a file: at a position, so many bytes are replaced by others. */
interface Damage {
  at: number;
  removed: number;
  inserted: Uint8Array;
}

const nastyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 3 }),
  fc
    .constantFrom('"', "{", "}", "[", "]", "\\", ",", "\n", "\r", '""', '{"', '"}', "\0", ":")
    .map((bytes) => Buffer.from(bytes)),
);
const damages: fc.Arbitrary<Damage> = fc.record({
  at: fc.nat({ max: 4000 }),
  removed: fc.oneof(fc.constant(0), fc.constant(1), fc.nat({ max: 40 }), fc.constant(100_000)),
  inserted: nastyBytes,
});

function damaged(content: Buffer, damage: Damage): { bytes: Buffer; from: number; to: number } {
  const from = damage.at % content.length;
  const to = Math.min(content.length, from + damage.removed);
  return {
    bytes: Buffer.concat([content.subarray(0, from), damage.inserted, content.subarray(to)]),
    from,
    to,
  };
}

const plainRecords = Array.from({ length: 40 }, (_, n) => ({
  id: `id-${n}`,
  name: `Ann, "${n}"`,
  amount: n / 4,
}));

/** The records that stand more than one line away from the damage, by line of `content`. */
function farLines(content: Buffer, from: number, to: number): string[] {
  const first = content.toString("latin1", 0, from).split("\n").length - 1;
  const last = content.toString("latin1", 0, to).split("\n").length - 1;
  const lines = content.toString("latin1").split("\n");
  return lines.filter((_, index) => index < first - 1 || index > last + 1);
}

const LINE_FORMS = JSON_FORMS.filter(
  ([form]) => form !== "a pretty-printed array" && !form.includes("single"),
);

describe("a damaged file", () => {
  it.each(LINE_FORMS)(
    "written as %s loses no line that is not next to the damage",
    async (_form, name, write) => {
      const content = Buffer.from(write(plainRecords));
      await fc.assert(
        fc.asyncProperty(damages, CHUNKS, async (damage, size) => {
          const { bytes, from, to } = damaged(content, damage);
          const raws = new Set(
            (await readInAnyChunks(bytes, { name }, [size])).map((one) => ("problem" in one ? "" : one.raw)),
          );
          const missing = farLines(content, from, to)
            .map((line) => line.replace(/,$/, ""))
            .filter((line) => line.startsWith("{") && !raws.has(line));
          expect(missing).toEqual([]);
        }),
        { numRuns: runs(120) },
      );
    },
  );

  it("written as an array in a single line loses no element that is not next to the damage", async () => {
    const elements = plainRecords.map((one) => JSON.stringify(one));
    const content = Buffer.from(`[${elements.join(", ")}]`);
    await fc.assert(
      fc.asyncProperty(damages, CHUNKS, async (damage, size) => {
        const { bytes, from, to } = damaged(content, damage);
        const raws = new Set(
          (await readInAnyChunks(bytes, {}, [size])).map((one) => ("problem" in one ? "" : one.raw)),
        );
        const whole = content.toString("latin1");
        const far = elements.filter((one, index) => {
          const start = whole.indexOf(one);
          const before = index === 0 ? 0 : whole.indexOf(elements[index - 1]!);
          return start + one.length + 100 < from || before > to;
        });
        expect(far.filter((one) => !raws.has(one))).toEqual([]);
      }),
      { numRuns: runs(120) },
    );
  });

  it("written as CSV loses no line that is not next to the damage", async () => {
    const rows = plainRecords.map((one) => `${one.id},name of ${one.amount},x\n`);
    const content = Buffer.from(`id,name,email\n${rows.join("")}`);
    await fc.assert(
      fc.asyncProperty(damages, CHUNKS, async (damage, size) => {
        const { bytes, from, to } = damaged(content, damage);
        fc.pre(from > rows[0]!.length + 20);
        const raws = new Set(
          (await readInAnyChunks(bytes, { name: "customers.csv" }, [size])).map((one) =>
            "problem" in one ? "" : one.raw,
          ),
        );
        const missing = farLines(content, from, to).filter(
          (line) => line.startsWith("id-") && !raws.has(line),
        );
        expect(missing).toEqual([]);
      }),
      { numRuns: runs(120) },
    );
  });

  it("of any form never throws, gives the same in any chunks, and shows every letter of it somewhere", async () => {
    const form = fc.constantFrom(...JSON_FORMS, [
      "CSV",
      "customers.csv",
      (values: object[]) =>
        [["id", "name", "amount"], ...values.map((one) => Object.values(one).map(String))]
          .map((row) => csvLine(row))
          .join(""),
    ] as const);
    await fc.assert(
      fc.asyncProperty(
        form,
        fc.array(damages, { minLength: 1, maxLength: 4 }),
        CHUNKS,
        async ([, name, write], list, size) => {
          let bytes: Buffer = Buffer.from(write(plainRecords.slice(0, 10)));
          for (const damage of list) if (bytes.length > 0) ({ bytes } = damaged(bytes, damage));
          const found = await readInAnyChunks(bytes, { name }, [size]);
          const unreadable = found.some((one) => "problem" in one && one.problem.reason === "unreadable");
          if (!unreadable && !name.endsWith(".csv"))
            expect(wordsIn(found.map((one) => one.raw).join(" "))).toEqual(wordsIn(bytes.toString()));
        },
      ),
      { numRuns: runs(200) },
    );
  });

  it("that is compressed never throws and gives a beginning of the records", async () => {
    const content = gzipSync(JSON_FORMS[3]![2](plainRecords));
    await fc.assert(
      fc.asyncProperty(damages, CHUNKS, async (damage, size) => {
        const { bytes } = damaged(content, damage);
        await readInAnyChunks(bytes, { name: "clicks.txt.gz" }, [size]);
      }),
      { numRuns: runs(40) },
    );
  });
});

describe("a soup of bytes", () => {
  it("gives the same in any chunks, also where records are too large and elements are lost", async () => {
    const token = fc.oneof(
      fc.constantFrom(
        ...'{}[],:"\\\n\r \0',
        '{"id":1}',
        ',{"id":2}',
        '{"id":',
        '\n{"id":3},',
        "1,2\n",
        '1,"',
        "id,name\n",
      ),
      fc
        .constantFrom('"', "x", " ", "1,", '{"id":[', "[", "é", ",{")
        .chain((one) => fc.integer({ min: 1, max: 1500 }).map((count) => one.repeat(count))),
      fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
    );
    const names = fc.constantFrom("orders.json", "clicks.txt", "customers.csv");
    const begin = fc.constantFrom("", "[", '[{"id":1},', '{"id":1}\n', "id,name\n1,Ann\n", "\uFEFF");
    const encoding = fc.constantFrom("utf8", "latin1");
    const soup = fc.array(token, { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(names, begin, soup, encoding, CHUNKS, async (name, first, tokens, charset, size) => {
        const content = Buffer.from(first + tokens.join(""), charset as BufferEncoding);
        const options = { name, maxRecordBytes: 1024 };
        await readInAnyChunks(content, options, [size]);
      }),
      { numRuns: SOUP_RUNS },
    );
  });
});

const SOUP_RUNS = runs(100);

const wordsIn = (content: string): string => (content.match(/[a-z0-9]+/gi) ?? []).join(" ");
