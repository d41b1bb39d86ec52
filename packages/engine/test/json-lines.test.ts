import { describe, expect, it } from "vitest";
import { brief, readInAnyChunks } from "./reading.ts";

const options = { name: "clicks.txt" };

const EXAMPLES: [title: string, content: string, expected: unknown[]][] = [
  ["lines that end with LF", '{"id":1}\n{"id":2}\n', [{ id: 1 }, { id: 2 }]],
  ["lines that end with CRLF", '{"id":1}\r\n{"id":2}\r\n', [{ id: 1 }, { id: 2 }]],
  ["lines that end with a lone CR", '{"id":1}\r{"id":2}\r', [{ id: 1 }, { id: 2 }]],
  ["a last line without line end", '{"id":1}\n{"id":2}', [{ id: 1 }, { id: 2 }]],
  ["a byte order mark", '\uFEFF{"id":1}\n', [{ id: 1 }]],
  ["a byte order mark in the middle", '{"id":1}\n\uFEFF{"id":2}\n', [{ id: 1 }, { id: 2 }]],
  ["blank lines", '\n \n{"id":1}\n\t\r\n\n{"id":2}\n \n', [{ id: 1 }, { id: 2 }]],
  ["blanks around a value", '  {"id":1}  \n{"id":2}\n', [{ id: 1 }, { id: 2 }]],
  ["a broken line", '{"id":1}\n{"id":\n{"id":2}\n', [{ id: 1 }, 'invalid_json@2: {"id":', { id: 2 }]],
  ["a broken first line", 'x"id":1}\n{"id":2}\n', ['invalid_json@1: x"id":1}', { id: 2 }]],
  ["a truncated last line", '{"id":1}\n{"id":', [{ id: 1 }, 'invalid_json@2: {"id":']],
  [
    "lines with other values",
    '{"id":1}\n2\n"x"\n[1]\nnull\n',
    [
      { id: 1 },
      "not_an_object@2: 2",
      'not_an_object@3: "x"',
      "not_an_object@4: [1]",
      "not_an_object@5: null",
    ],
  ],
  ["lone surrogates as escapes", '{"id":"\\ud800","name":"\\udc00x"}\n', [{ id: "\ud800", name: "\udc00x" }]],
  ["duplicate keys", '{"id":1,"id":2}\n', [{ id: 2 }]],
  ["a NUL in a line", '{"id":1}\n{"id":\0}\n{"id":3}\n', [{ id: 1 }, 'invalid_json@2: {"id":\0}', { id: 3 }]],
  [
    "a line that nests too deeply",
    `{"id":1}\n{"id":${"[".repeat(200)}${"]".repeat(200)}}\n`,
    [{ id: 1 }, `invalid_json@2: {"id":${"[".repeat(200)}${"]".repeat(200)}}`],
  ],
];

describe("the reader of JSON Lines", () => {
  it.each(EXAMPLES)("reads %s", async (_title, content, expected) => {
    expect((await readInAnyChunks(content, options)).map(brief)).toEqual(expected);
  });

  it("counts lines, blank ones too, and gives a line without its end", async () => {
    expect(await readInAnyChunks('\r\n{"id":1}\r\n\n{"id":2}\r{"id":3}', options)).toEqual([
      { raw: '{"id":1}', place: { line: 2 }, fields: { id: 1 } },
      { raw: '{"id":2}', place: { line: 4 }, fields: { id: 2 } },
      { raw: '{"id":3}', place: { line: 5 }, fields: { id: 3 } },
    ]);
  });

  it("rejects a line that is not UTF-8, with its bytes, and keeps its neighbours", async () => {
    const bad = Buffer.from('{"id":"\xe9"}', "latin1");
    const content = Buffer.concat([Buffer.from('{"id":"é"}\n'), bad, Buffer.from('\n{"id":"ü"}\n')]);
    const records = await readInAnyChunks(content, options);
    expect(records.map(brief)).toEqual([{ id: "é" }, 'invalid_utf8@2: {"id":"\uFFFD"}', { id: "ü" }]);
    expect(records[1]).toHaveProperty("rawBase64", bad.toString("base64"));
  });

  it.each(["\n", "\r\n", "\r"])(
    "reports a line that is too long by its beginning (line end %j)",
    async (end) => {
      const long = `{"id":"${"x".repeat(5000)}"}`;
      const content = `{"id":1}${end}${long}${end}{"id":3}${end}${long}`;
      const records = await readInAnyChunks(content, { ...options, maxRecordBytes: 2000 });
      const problem = { reason: "record_too_large", detail: expect.any(String) };
      expect(records).toEqual([
        { raw: '{"id":1}', place: { line: 1 }, fields: { id: 1 } },
        { raw: long.slice(0, 2000), rawTruncated: true, place: { line: 2 }, problem },
        { raw: '{"id":3}', place: { line: 3 }, fields: { id: 3 } },
        { raw: long.slice(0, 2000), rawTruncated: true, place: { line: 4 }, problem },
      ]);
    },
  );

  it.each([["\n"], ["\r\n"], ["\r"]])(
    "takes a line of exactly the greatest length (line end %j)",
    async (end) => {
      const line = `{"id":"${"x".repeat(1991)}"}`;
      const records = await readInAnyChunks(line + end + line, { ...options, maxRecordBytes: 2000 });
      expect(records.map((record) => record.raw)).toEqual([line, line]);
      expect(records.every((record) => !("problem" in record))).toBe(true);
    },
  );
});

describe("numbers from JSON", () => {
  it.each([
    ["9007199254740993", "9007199254740993"],
    ["9007199254740992", 9007199254740992],
    ["-9007199254740993", "-9007199254740993"],
    [
      "123456789012345678901234567890123456789012345678901234567890",
      "123456789012345678901234567890123456789012345678901234567890",
    ],
    ["0.1234567890123456789", "0.1234567890123456789"],
    ["1.00000000000000000001", "1.00000000000000000001"],
    ["1.0000000000000000000", 1],
    ["0.1", 0.1],
    ["19.990", 19.99],
    ["0.30000000000000004", 0.30000000000000004],
    ["1e3", 1000],
    ["1E+23", 1e23],
    ["1e400", "1e400"],
    ["-1e400", "-1e400"],
    ["1e-400", "1e-400"],
    ["5e-324", 5e-324],
    ["12345678901234567e-10", 1234567.8901234567],
    ["12345678901234567891e-10", "12345678901234567891e-10"],
    ["0e999", 0],
    ["100000000000000000000", 100000000000000000000],
  ])("keep the value of %s", async (source, expected) => {
    const content = `{"id":${source},"amount":[1, ${source}]}\n{ "id" :\t-0, "amount":${source} }\n`;
    const records = await readInAnyChunks(content, options);
    expect(records.map(brief)).toEqual([
      { id: expected, amount: [1, expected] },
      { id: -0, amount: expected },
    ]);
  });

  it("are not confused with digits in strings", async () => {
    const content = '{"id":"9007199254740993, 9007199254740993","amount":1}\n';
    expect((await readInAnyChunks(content, options)).map(brief)).toEqual([
      { id: "9007199254740993, 9007199254740993", amount: 1 },
    ]);
  });
});

describe("a __proto__ key", () => {
  it.each(["1", "9007199254740993"])("is a field like any other (next to %s)", async (number) => {
    const content = `{"__proto__":{"id":"x"},"amount":${number}}\n`;
    const [record] = await readInAnyChunks(content, options);
    const fields = record && "fields" in record ? record.fields : {};
    expect(Object.keys(fields)).toEqual(["__proto__", "amount"]);
    expect(fields.id).toBeUndefined();
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).id).toBeUndefined();
  });
});
