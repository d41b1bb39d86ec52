import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { brief, readInAnyChunks } from "./reading.ts";

const options = { name: "clicks.txt.gz" };
const VALUES = Array.from({ length: 300 }, (_, n) => ({ id: `${n}`, name: `name ${(n * 7919) % 1000}` }));
const LINES = VALUES.map((value) => `${JSON.stringify(value)}\n`);
const COMPRESSED = gzipSync(LINES.join(""));

describe("gzip", () => {
  it("is decompressed whatever the name, and a plain file with its ending is read as it is", async () => {
    for (const name of ["clicks.txt", "clicks.txt.gz"]) {
      expect((await readInAnyChunks(COMPRESSED, { name })).map(brief)).toEqual(VALUES);
      expect((await readInAnyChunks(LINES.join(""), { name })).map(brief)).toEqual(VALUES);
    }
  });

  it("may have several members, cut anywhere, and padding", async () => {
    const [one, two] = [LINES.join("").slice(0, 5000), LINES.join("").slice(5000)];
    const content = Buffer.concat([gzipSync(one), gzipSync(""), gzipSync(two), Buffer.alloc(512)]);
    expect((await readInAnyChunks(content, options)).map(brief)).toEqual(VALUES);
  });

  it("of nothing has no records", async () => {
    expect(await readInAnyChunks(gzipSync(""), options)).toEqual([]);
  });

  it("that is truncated gives what is whole, the broken record and the damage", async () => {
    for (const length of [100, 500, 1000, COMPRESSED.length - 20]) {
      const records = await readInAnyChunks(COMPRESSED.subarray(0, length), options);
      const kept = records.filter((record) => !("problem" in record));
      expect(kept.map(brief)).toEqual(VALUES.slice(0, kept.length));
      const problems = records
        .slice(kept.length)
        .map((record) => "problem" in record && record.problem.reason);
      expect(["damaged_gzip", "invalid_json,damaged_gzip"]).toContain(problems.join());
      expect(records.at(-1)?.place).toEqual({ line: records.length });
    }
  });

  it("whose check sum is missing or wrong gives all records and the damage", async () => {
    const wrong = Buffer.from(COMPRESSED);
    wrong[wrong.length - 6]! ^= 0xff;
    for (const content of [COMPRESSED.subarray(0, -4), wrong]) {
      const records = await readInAnyChunks(content, options);
      expect(records.slice(0, -1).map(brief)).toEqual(VALUES);
      expect(records.at(-1)).toMatchObject({ place: { line: 301 }, problem: { reason: "damaged_gzip" } });
    }
  });

  it("with garbage behind it gives all records and the damage", async () => {
    const records = await readInAnyChunks(Buffer.concat([COMPRESSED, Buffer.from("garbage")]), options);
    expect(records.slice(0, -1).map(brief)).toEqual(VALUES);
    expect(records.at(-1)).toHaveProperty("problem.reason", "damaged_gzip");
  });

  it("that is corrupt in the middle gives what comes before, byte for byte", async () => {
    const stored = gzipSync(LINES.join(""), { level: 0 });
    const second = gzipSync(LINES.join(""));
    // An invalid block type right at the beginning of the second member's data.
    second[10] = 0x07;
    const records = await readInAnyChunks(Buffer.concat([stored, second]), options);
    expect(records.slice(0, -1).map(brief)).toEqual(VALUES);
    expect(records.at(-1)).toHaveProperty("problem.reason", "damaged_gzip");
  });

  it.each([
    ["its header is cut off", COMPRESSED.subarray(0, 5)],
    ["only its magic bytes are there", COMPRESSED.subarray(0, 2)],
    ["nothing can be decompressed", Buffer.concat([COMPRESSED.subarray(0, 10), Buffer.alloc(50, 0xff)])],
    ["no record begins", gzipSync("[ \n").subarray(0, -4)],
  ])("of which %s is unreadable", async (_title, content) => {
    const records = await readInAnyChunks(content, options);
    expect(records).toHaveLength(1);
    expect(records[0]).toHaveProperty("problem.reason", "unreadable");
    expect(records[0]).toHaveProperty("problem.detail", expect.stringContaining("gzip"));
  });
});
