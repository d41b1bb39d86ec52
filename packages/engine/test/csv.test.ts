import { describe, expect, it } from "vitest";
import { brief, readAll, readInAnyChunks } from "./reading.ts";

const options = { name: "customers.csv" };
const A = { id: "1", name: "Ann" };
const B = { id: "2", name: "Bob" };

const EXAMPLES: [title: string, content: string, expected: unknown[]][] = [
  ["lines that end with LF", "id,name\n1,Ann\n2,Bob\n", [A, B]],
  ["lines that end with CRLF", "id,name\r\n1,Ann\r\n2,Bob\r\n", [A, B]],
  ["lines that end with a lone CR", "id,name\r1,Ann\r2,Bob\r", [A, B]],
  ["mixed line ends", "id,name\r\n1,Ann\n2,Bob\r", [A, B]],
  ["a last line without line end", "id,name\n1,Ann\n2,Bob", [A, B]],
  ["a byte order mark", "\uFEFFid,name\n1,Ann\n", [A]],
  ["a header alone", "id,name\n", []],
  ["a header alone without line end", "id,name", []],
  ["a single column", "id\n1\n2\n", [{ id: "1" }, { id: "2" }]],
  ["semicolons", "id;name\n1;Ann, B\n", [{ id: "1", name: "Ann, B" }]],
  ["tabs", "id\tname\n1\tAnn\n", [A]],
  ["tabs with an empty first column name", "\tid\tname\nx\t1\tAnn\n", [A]],
  ["bars", "id|name\n1|Ann\n", [A]],
  ["the delimiter with the most known fields", "id;name,x\n1;Ann,x\n", [{ id: "1" }]],
  ["blank lines", "\n\n id,name\n\n1,Ann\n  \n\t\r\n2,Bob\n\n", [A, B]],
  ["quoted values", '"id","name"\n"1","Ann"\n"2","Bob"\n', [A, B]],
  ["quoted delimiters", 'id,name\n1,"Smith, Ann"\n', [{ id: "1", name: "Smith, Ann" }]],
  [
    "doubled quotes",
    'id,name\n1,"""Ann"" S."\n2,""\n3,""""\n',
    [
      { id: "1", name: '"Ann" S.' },
      { id: "2", name: "" },
      { id: "3", name: '"' },
    ],
  ],
  [
    "quoted line ends",
    'id,name\n1,"An\nn"\r\n2,"B\r\nob\r"\n',
    [
      { id: "1", name: "An\nn" },
      { id: "2", name: "B\r\nob\r" },
    ],
  ],
  ["blanks after a closing quote", 'id,name\n"1"  ,"Ann" \n2,Bob\n', [A, B]],
  [
    "quotes inside values without quotes",
    'id,name\n1,5" nail\n2,a "b" c\n',
    [
      { id: "1", name: '5" nail' },
      { id: "2", name: 'a "b" c' },
    ],
  ],
  ["header names in other case and with blanks", " ID , Name\n1,Ann\n", [A]],
  ["reordered, unknown and missing columns", "x,name,id\n0,Ann,1\n", [A]],
  ["a repeated column, of which the last counts", "id,name,id\n0,Ann,1\n", [A]],
  ["rows with fewer values", "id,name,amount\n1,Ann\n2,Bob,\n", [A, { ...B, amount: "" }]],
  ["rows with more values, all blank", "id,name\n1,Ann,, \n", [A]],
  ["rows with more values", "id,name\n1,Ann,x\n2,Bob\n", ["invalid_csv@2: 1,Ann,x", B]],
  ["rows with more values and quotes", 'id,name\n"1",Ann,x\n2,Bob\n', ['invalid_csv@2: "1",Ann,x', B]],
  ["a row of delimiters", "id,name\n,\n", [{ id: "", name: "" }]],
  ["an unterminated quote", 'id,name\n1,"Ann\n2,Bob\n', ['invalid_csv@2: 1,"Ann', B]],
  ["an unterminated quote in the last line", 'id,name\n1,Ann\n2,"Bob', [A, 'invalid_csv@3: 2,"Bob']],
  [
    "an unterminated quote before quoted values",
    'id,name\n0,"Zed\n1,"Ann"\n2,Bob\n',
    ['invalid_csv@2: 0,"Zed', A, B],
  ],
  [
    "an unterminated quote that swallows rows",
    'id,name\n0,"Zed\n2,Bob\n"1","Ann"\n',
    ['invalid_csv@2: 0,"Zed', B, A],
  ],
  ["text after a closing quote", 'id,name\n0,"Zed"x\n1,Ann\n', ['invalid_csv@2: 0,"Zed"x', A]],
  [
    "a row over two lines with too few values",
    'id,name,amount\n0,"Z\ned"\n1,Ann,5\n',
    ['invalid_csv@2: 0,"Z', { id: 'ed"' }, { ...A, amount: "5" }],
  ],
  ["a header with a stray quote", 'id,"name\n1,Ann\n2,"Bob"\n', [A, B]],
  [
    "a header with a stray quote that would swallow rows",
    'id,"name\n1,Ann\n2,"\n',
    [A, 'invalid_csv@3: 2,"'],
  ],
  ["a header with a line end in a name", 'id,name,"amount\nin EUR"\n1,Ann,5\n', [A]],
  ["a NUL in a value", "id,name\n1,A\0n\n2,Bob\n", [{ id: "1", name: "A\0n" }, B]],
  [
    "other characters than ASCII",
    "id,name\n1,Änne\n2,漢😀\n",
    [
      { id: "1", name: "Änne" },
      { id: "2", name: "漢😀" },
    ],
  ],
];

describe("the reader of CSV", () => {
  it.each(EXAMPLES)("reads %s", async (_title, content, expected) => {
    expect((await readInAnyChunks(content, options)).map(brief)).toEqual(expected);
  });

  it("counts physical lines, also across quoted line ends", async () => {
    const content = '\nid,name\r\n1,"a\r\nb\rc\nd"\r\n\r\n2,Bob\r3,"x\ny"\n4,D';
    expect(await readInAnyChunks(content, options)).toEqual([
      { raw: '1,"a\r\nb\rc\nd"', place: { line: 3 }, fields: { id: "1", name: "a\r\nb\rc\nd" } },
      { raw: "2,Bob", place: { line: 8 }, fields: B },
      { raw: '3,"x\ny"', place: { line: 9 }, fields: { id: "3", name: "x\ny" } },
      { raw: "4,D", place: { line: 11 }, fields: { id: "4", name: "D" } },
    ]);
  });

  it("rejects a row that is not UTF-8, with its bytes, and keeps its neighbours", async () => {
    const content = Buffer.from("id,name\n1,Ann\n3,Andr\xe9\n2,Bob\n", "latin1");
    const records = await readInAnyChunks(content, options);
    expect(records.map(brief)).toEqual([A, "invalid_utf8@3: 3,Andr\uFFFD", B]);
    expect(records[1]).toHaveProperty("rawBase64", Buffer.from("3,Andr\xe9", "latin1").toString("base64"));
  });

  it("rejects a last value that is cut off inside a character", async () => {
    const content = Buffer.from("id,name\n1,Ann\n2,é").subarray(0, -1);
    expect((await readInAnyChunks(content, options)).map(brief)).toEqual([A, "invalid_utf8@3: 2,\uFFFD"]);
  });

  it("reports a line that is too long by its beginning", async () => {
    const long = `3,"${"x".repeat(3000)}"`;
    const records = await readInAnyChunks(`id,name\n1,Ann\n${long}\n2,Bob\n`, {
      ...options,
      maxRecordBytes: 2000,
    });
    expect(records.map(brief)).toEqual([A, `record_too_large@3: ${long.slice(0, 2000)}`, B]);
  });

  it("takes a quoted value over more lines than a record can have for an unterminated quote", async () => {
    const rows = Array.from({ length: 500 }, (_, n) => `${n},name ${n}`);
    const content = `id,name\n0,"Zed\n${rows.join("\n")}\n1,"\n`;
    const records = await readInAnyChunks(content, { ...options, maxRecordBytes: 2000 });
    expect(records).toHaveLength(502);
    expect(brief(records[0]!)).toBe('invalid_csv@2: 0,"Zed');
    expect(records.slice(1, 501).map(brief)).toEqual(rows.map((_, n) => ({ id: `${n}`, name: `name ${n}` })));
  });

  it("keeps an excerpt of 64 KiB of a line that is too long, cut between characters", async () => {
    const [record] = await readAll(`id,name\n1,x${"é".repeat(600_000)}`, options);
    expect(record).toMatchObject({ rawTruncated: true, problem: { reason: "record_too_large" } });
    expect(record?.raw).toBe(`1,x${"é".repeat((65_536 - 4) / 2)}`);
    expect(record).not.toHaveProperty("rawBase64");
  });
});
