import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvLine, readCsv } from "../src/index.ts";
import { chunked } from "./reading.ts";

const COLUMNS = ["id", "name", "day"];

async function rowsOf(content: string | Uint8Array, size = 7, columns = COLUMNS): Promise<string[][]> {
  return (await Array.fromAsync(readCsv(chunked(content, size), columns))).flat();
}

describe("a line of CSV", () => {
  it.each([
    [["1", "Ann", ""], "1,Ann,\n"],
    [["a,b", 'say "x"', "c"], '"a,b","say ""x""",c\n'],
    [["a\nb", "a\rb", "a\r\nb"], '"a\nb","a\rb","a\r\nb"\n'],
    [[" a ", "\tb", ";|"], " a ,\tb,;|\n"],
    [[""], '""\n'],
  ])("for %j has quotes only where they are needed", (values, line) => {
    expect(csvLine(values)).toBe(line);
  });
});

describe("the reader of our own CSV", () => {
  it("gives rows in the order of the columns", async () => {
    expect(await rowsOf('id,name,day\n1,Ann,\n2,"a,\n""b""",é\n')).toEqual([
      ["1", "Ann", ""],
      ["2", 'a,\n"b"', "é"],
    ]);
  });

  it("gives no rows for a header alone", async () => {
    expect(await rowsOf("id,name,day\n")).toEqual([]);
  });

  it.each([
    ["no header", "", 1, "no header"],
    ["another header", "id,day,name\n1,2,3\n", 1, "header"],
    ["a byte order mark", "\uFEFFid,name,day\n1,2,3\n", 1, "header"],
    ["a header that is cut off", "id,name,da", 1, "cut off"],
    ["a missing value", "id,name,day\n1,2,3\n1,2\n", 3, "2 values instead of 3"],
    ["a missing value after quoted line ends", 'id,name,day\n1,"\n\n",3\n1,2\n', 5, "2 values"],
    ["a surplus value", "id,name,day\n1,2,3,4\n", 2, "4 values"],
    ["a surplus value with quotes", 'id,name,day\n1,"2",3,4\n', 2, "4 values"],
    ["a blank line", "id,name,day\n\n1,2,3\n", 2, "1 values"],
    ["an unterminated quote", 'id,name,day\n1,2,3\n1,"2,3\n4,5,6\n', 3, "quote"],
    ["text after a closing quote", 'id,name,day\n1,"2"x,3\n', 2, "quote"],
    ["no line end at the end", "id,name,day\n1,2,3", 2, "cut off"],
    ["no line end after quotes", 'id,name,day\n1,2,"3"', 2, "cut off"],
    ["a carriage return", "id,name,day\n1,2,3\r\n", 2, "carriage return"],
    ["a carriage return after quotes", 'id,name,day\n1,2,"3"\r\n', 2, "carriage return"],
    ["bytes that are not UTF-8", Buffer.from("id,name,day\n1,\xe9,3\n", "latin1"), 2, "UTF-8"],
  ])("refuses %s and names the line", async (_title, content, line, what) => {
    for (const size of [1, 7, 1000]) {
      await expect(rowsOf(content, size)).rejects.toMatchObject({
        name: "IngotError",
        code: "silver_invalid",
        context: { line },
        message: expect.stringContaining(what),
      });
    }
  });

  it("reads back every table that is written with csvLine", async () => {
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", " ", "é", "a") }),
    );
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) => fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1 }));
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 50 }), async (rows, size) => {
        const [header = [], ...data] = rows;
        expect(await rowsOf(rows.map(csvLine).join(""), size, header)).toEqual(data);
      }),
    );
  });
});
