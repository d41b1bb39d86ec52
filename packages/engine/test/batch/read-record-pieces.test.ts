import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../common/test/support/runs.ts";
import type { SourceField, SourcePiece } from "../../src/batch/index.ts";
import { readRecordPieces } from "../../src/batch/read-record-pieces.ts";
import { chunked } from "../reading.ts";
import { anyWriting, writtenFile } from "./written-file.ts";

const FIELDS: SourceField[] = [
  { name: "product_id", aliases: ["ID Référence produit", "Produit"], isRequired: true },
  { name: "price", aliases: ["Prix unitaire (€)"], isRequired: true },
  { name: "note" },
];
const HEADER = ["ID Référence produit", "Prix unitaire (€)", "note"];

async function read(
  content: string | Buffer,
  { name = "products.csv", fields = FIELDS, chunk = 1000 } = {},
): Promise<SourcePiece[]> {
  return (await Array.fromAsync(readRecordPieces(chunked(content, chunk), { name, fields }))).flat();
}

const values = async (...given: Parameters<typeof read>) =>
  (await read(...given)).map((piece) => ("record" in piece ? piece.record.values : piece.problem.reason));

const word = fc.constantFrom(
  "Café",
  "À l’œuvre",
  "N° 7",
  "€",
  'un "mot"',
  "a,b",
  "c;d",
  "e\tf",
  "g|h",
  "x",
  "É",
);
const text = fc.oneof(
  word,
  fc.tuple(word, word).map((words) => words.join(" ")),
);
const row = fc.tuple(fc.nat(999).map(String), text, fc.oneof(text, fc.constant("")));

describe("a source's file", () => {
  it("has the same records however it is written, in whatever chunks it comes", async () => {
    const property = fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 5 }),
      anyWriting,
      fc.integer({ min: 1, max: 90 }),
      async (rows, writing, chunk) => {
        const file = writtenFile(HEADER, rows, writing);
        const trimmed = (await values(file, { chunk })).map((record) =>
          Array.isArray(record) ? record.map((value) => value?.trim() || undefined) : record,
        );
        expect(trimmed).toEqual(rows.map((record) => record.map((value) => value || undefined)));
      },
    );
    await fc.assert(property, { numRuns: runs(400) });
  });

  it("may have line ends in quoted values, and short rows", async () => {
    const content = 'Produit;price;note\r\n1;2;"one\r\ntwo"\r\n3;4\r\n5;"6"";\r\n7;8;9\r\n';
    expect(await read(content)).toMatchObject([
      { place: { line: 2 }, raw: '1;2;"one\r\ntwo"', record: { values: ["1", "2", "one\r\ntwo"] } },
      { place: { line: 4 }, record: { values: ["3", "4", undefined] } },
      { place: { line: 5 }, raw: '5;"6"";', problem: { reason: "invalid_csv" } },
      { place: { line: 6 }, record: { values: ["7", "8", "9"] } },
    ]);
  });

  it("keeps its line numbers below titles", async () => {
    const content = "sep=;\nStock au 1er juin;;\n\nproduct id;Prix unitaire\nx;1\n";
    const fields = [FIELDS[0]!, { ...FIELDS[1]!, aliases: ["Prix unitaire"] }];
    expect(await read(content, { fields })).toMatchObject([{ place: { line: 5 }, raw: "x;1" }]);
  });

  it("shows lines in other encodings in readable letters, each line by itself", async () => {
    const latin = Buffer.concat([
      Buffer.from("produit,price,note\n1,2,é\n"),
      Buffer.from([0x31, 0x2c, 0x33, 0x2c, 0xe9, 0x0a]),
    ]);
    expect((await read(latin)).map(({ raw }) => raw)).toEqual(["1,2,é", "1,3,é"]);
  });

  it("has texts for JSON's other values", async () => {
    const content =
      '[{"product_id":true,"price":12.50,"note":null},{"product_id":[1,{"a":2}],"price":0.1000}]';
    expect(await values(content)).toEqual([
      ["true", "12.5", undefined],
      ['[1,{"a":2}]', "0.1", undefined],
    ]);
    expect(await values('{"product_id":false,"price":9007199254740993,"note":"a\\u0000b"}')).toEqual([
      "invalid_text",
    ]);
    expect(await values('{"product_id":false,"price":9007199254740993,"note":"\\ud83d\\ude00"}')).toEqual([
      ["false", "9007199254740993", "😀"],
    ]);
  });

  it("counts the best of several names that mean the same", async () => {
    expect(await values("Produit,ID Référence produit,Prix unitaire\nNom,R1,5\n")).toEqual([
      ["R1", "5", undefined],
    ]);
    const objects = '{"Produit":"Nom","price":1,"Id_reference_produit":"R1"}\n{"Produit":"R2","price":1}\n';
    expect(await values(objects)).toEqual([
      ["R1", "1", undefined],
      ["R2", "1", undefined],
    ]);
  });

  it("that is empty has no records", async () => {
    for (const content of ["", "\ufeff", " \r\n\n", "[]", "Produit;price\n"]) {
      expect(await values(content), JSON.stringify(content)).toEqual([]);
    }
  });

  it.each([
    [
      "a column is missing",
      "Produit;Prix\n1;2\n",
      /products.csv has no "Prix unitaire \(€\)"; it has "Produit", "Prix"/,
    ],
    ["there is no header", "1;2\n", /products.csv cannot be read: text that is neither JSON nor CSV/],
    [
      "a member is missing",
      '[{"Produit":1},{"Produit":2}]',
      /products.csv has no "Prix unitaire \(€\)"; it has "Produit"/,
    ],
    ["it is a picture", "\x89PNG\r\n", /products.csv cannot be read: a PNG image/],
  ])("is none of the source where %s", async (_, content, message) => {
    const reading = read(Buffer.from(content, "latin1"));
    await expect(reading).rejects.toMatchObject({
      code: "source_invalid",
      message: expect.stringMatching(message),
    });
  });

  it("is refused before it gives anything, however long it is", async () => {
    const lines = Array.from({ length: 5000 }, (_, at) => `{"Produit":${at},"Nom":"${"x".repeat(100)}"}\n`);
    const pieces = readRecordPieces(chunked(lines.join(""), 10_000), { name: "a.jsonl", fields: FIELDS });
    await expect(pieces.next()).rejects.toMatchObject({ code: "source_invalid" });
  });

  it("decides about long lines alike in whatever chunks they come", async () => {
    const odd = Buffer.concat([
      Buffer.from(`${JSON.stringify([{ product_id: "é".repeat(50_000), price: 1 }])}`),
      Buffer.from([0xe9]),
    ]);
    const whole = JSON.stringify(await read(odd, { name: "a.json", chunk: odd.length }));
    expect(whole.includes("é".repeat(30_000))).toBe(true);
    for (const chunk of [7001, 65_537]) {
      expect(JSON.stringify(await read(odd, { name: "a.json", chunk })) === whole, `${chunk}`).toBe(true);
    }
  });
});
