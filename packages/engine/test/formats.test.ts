import { deflateRawSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { brief, readAll, readInAnyChunks } from "./reading.ts";

const A = { id: "1", name: "Ann" };
const CSV = "id,name\n1,Ann\n";
const LINES = '{"id":"1","name":"Ann"}\n';
const ARRAY = '[{"id":"1","name":"Ann"}]';
const SEVERAL_LINES = '{"id":"1","name":"Ann"}\n{"id":"2","name":"Bob"}\n';

/** Bytes that look random, the same each time. */
function noise(length: number, seed = 1): Buffer {
  let state = seed;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 24;
    }),
  );
}

const utf32 = (text: string): Buffer =>
  Buffer.from(Uint32Array.from([...text].map((char) => char.codePointAt(0) ?? 0)).buffer);
const utf16be = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

describe("the format", () => {
  it.each(["a.csv", "a.json", "a.jsonl", "a.ndjson", "a.txt", "a.csv.gz", "A.JSON"])(
    "is recognised by the content, also in %s",
    async (name) => {
      for (const content of [CSV, LINES, ARRAY, `\uFEFF${CSV}`, `\uFEFF\n${LINES}`, `\uFEFF ${ARRAY}`]) {
        expect((await readInAnyChunks(content, { name })).map(brief)).toEqual([A]);
        expect((await readInAnyChunks(gzipSync(content), { name })).map(brief)).toEqual([A]);
      }
    },
  );

  it.each(["a.json", "a.txt", "a.csv"])("of pretty-printed objects is recognised in %s", async (name) => {
    const content = JSON.stringify({ id: "1", name: "Ann", list: [{ x: 1 }] }, null, 2);
    expect((await readInAnyChunks(`${content}\n${content}`, { name })).map(brief)).toEqual([
      { ...A, list: [{ x: 1 }] },
      { ...A, list: [{ x: 1 }] },
    ]);
  });

  it.each(["", "\n", " \r\n\t\n ", "\uFEFF", "\uFEFF\n\n", "\n".repeat(100_000)])(
    "of an empty or blank content is none, and there are no records (%j)",
    async (content) => {
      expect(await readAll(content)).toEqual([]);
      expect(await readAll(content, {}, 7)).toEqual([]);
    },
  );

  it.each([
    ["UTF-16 with a byte order mark", Buffer.from(`\uFEFF${ARRAY}`, "utf16le"), "UTF-16"],
    ["UTF-16, big-endian, with a byte order mark", utf16be(`\uFEFF${LINES}`), "UTF-16"],
    ["UTF-16 without a byte order mark", Buffer.from(CSV, "utf16le"), "UTF-16"],
    ["UTF-16, big-endian", utf16be(ARRAY), "UTF-16"],
    ["UTF-16 behind blank lines", Buffer.from(`\n\n${ARRAY}`, "utf16le"), "UTF-16"],
    ["UTF-32 with a byte order mark", utf32(`\uFEFF${ARRAY}`), "UTF-32"],
    ["UTF-32", utf32(LINES), "UTF-32"],
    ["a ZIP archive", Buffer.concat([Buffer.from("PK\x03\x04"), noise(500)]), "ZIP"],
    ["Parquet", Buffer.concat([Buffer.from("PAR1"), noise(500)]), "Parquet"],
    ["gzip inside gzip", gzipSync(gzipSync(CSV)), "gzip inside gzip"],
    ["random bytes", noise(10_000, 7), "binary"],
    ["random bytes behind a bracket", Buffer.concat([Buffer.from("["), noise(10_000, 3)]), "binary"],
    ["random bytes behind a brace", Buffer.concat([Buffer.from("{"), noise(10_000, 5)]), "binary"],
    ["compressed bytes without a header", deflateRawSync(noise(5000)), "binary"],
    ["NULs", Buffer.alloc(5000), "binary"],
    ["XML", '<?xml version="1.0"?>\n<orders><order id="1"/></orders>', "XML"],
    ["HTML", "<!DOCTYPE html>\n<html><style>\n{ color: red }\n</style></html>", "HTML"],
    ["prose", "Dear Sir or Madam,\n\nplease find the figures below.\n", "text"],
    ["a CSV file without a header", "1,Ann\n2,Bob\n", "id, name, email, amount"],
    ["an INI file", "[section]\nkey=value\n", "text"],
  ])("of %s is none of ours: one record says what it is", async (_title, content, named) => {
    for (const name of ["orders.json", "orders.csv", "clicks.txt"]) {
      const records = await readInAnyChunks(content, { name });
      expect(records).toHaveLength(1);
      expect(records[0]).toMatchObject({ place: { line: 1 }, problem: { reason: "unreadable" } });
      expect(records[0]).toHaveProperty("problem.detail", expect.stringContaining(named));
      expect(records[0]?.raw.length).toBeLessThanOrEqual(200);
    }
  });

  it.each([
    ["a NUL in a line", Buffer.from(`${SEVERAL_LINES}\0\n`)],
    ["a byte that is not UTF-8", Buffer.concat([Buffer.from(SEVERAL_LINES), Buffer.from([0xff, 0x0a])])],
    ["a block of NULs behind the records", Buffer.concat([Buffer.from(SEVERAL_LINES), Buffer.alloc(8192)])],
    ["a block of noise behind the records", Buffer.concat([Buffer.from(SEVERAL_LINES), noise(512)])],
  ])("is still recognised with %s", async (_title, content) => {
    const records = await readInAnyChunks(content, { name: "clicks.txt" });
    expect(records.slice(0, 2).map(brief)).toEqual([A, { id: "2", name: "Bob" }]);
    expect(records.slice(2).every((record) => "problem" in record)).toBe(true);
  });

  it("is JSON Lines in a .txt file whose beginning is damaged", async () => {
    const records = await readInAnyChunks(`oops\n${LINES}`, { name: "clicks.txt" });
    expect(records.map(brief)).toEqual(["invalid_json@1: oops", A]);
  });

  it("is an array in a .json file whose beginning is damaged", async () => {
    const records = await readInAnyChunks(`oops ${ARRAY}`, { name: "orders.json" });
    expect(records.map(brief)).toEqual(["invalid_json@0: oops", A]);
  });
});
