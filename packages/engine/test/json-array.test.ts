import { describe, expect, it } from "vitest";
import { brief, readInAnyChunks } from "./reading.ts";

const A = { id: "a", name: "Ann" };
const B = { id: "b", name: "Bob" };
const C = { id: "c", name: "Cy" };
const [a, b, c] = [A, B, C].map((value) => JSON.stringify(value));

const EXAMPLES: [title: string, content: string, expected: unknown[]][] = [
  ["one element in each line", `[\n${a},\n${b}\n]\n`, [A, B]],
  ["all elements in one line", `[${a}, ${b}, ${c}]`, [A, B, C]],
  ["pretty-printed elements", JSON.stringify([A, B], null, 2), [A, B]],
  ["an array behind a byte order mark", `\uFEFF[${a}]`, [A]],
  ["blanks before the array", ` \r\n\n [${a}]`, [A]],
  ["an empty array", "[]", []],
  ["an empty array over lines", " [\n\n] \n", []],
  ["an opening bracket alone", "[", []],
  [
    "nested values",
    '[{"id": {"x": [1, {"y": "}"}]}}, {"id": 2}]',
    [{ id: { x: [1, { y: "}" }] } }, { id: 2 }],
  ],
  [
    "braces, brackets and quotes in strings",
    '[{"id":"}{][\\"\\\\"},{"id":"\\\\"}]',
    [{ id: '}{]["\\' }, { id: "\\" }],
  ],
  ["other characters than ASCII", '[{"id":"é漢😀"},{"id":"ß"}]', [{ id: "é漢😀" }, { id: "ß" }]],
  ["empty objects", "[{},{}]", [{}, {}]],
  ["no closing bracket", `[${a},\n${b}`, [A, B]],
  ["a comma at the end", `[${a},${b},]`, [A, B]],
  ["a missing comma", `[${a}${b} ${c}]`, [A, B, C]],
  ["a missing comma between lines", `[\n${a}\n${b}\n]`, [A, B]],
  ["a doubled comma", `[${a},,${b},\n,${c}]`, [A, B, C]],
  ["a doubled bracket", `[[${a},${b}]]`, [A, B]],
  ["a bracket astray before an element", `[${a},\n[${b},\n${c}]`, [A, B, C]],
  ["arrays one after the other", `[${a}]\n[${b}]`, [A, B]],
  ["whole objects after the array", `[${a}]\n${b}\n${c}`, [A, B, C]],
  ["garbage after the array", `[${a}] that is all, {folks}`, [A, "invalid_json@1: that is all, {folks}"]],
  ["a member without value", `[${a}, {"id": }, ${b}]`, [A, 'invalid_json@1: {"id": }', B]],
  ["a bare NaN in an element", `[${a},\n{"id": NaN},\n${b}]`, [A, 'invalid_json@1: {"id": NaN}', B]],
  ["a bare NaN as an element", `[${a}, NaN, ${b}]`, [A, "invalid_json@1: NaN", B]],
  ["a member without value at the end", `[${a}, {"id": }`, [A, 'invalid_json@1: {"id": }']],
  [
    "elements that are no objects",
    `[1, "x,{}", null, [1, [2]], true, [], ${a}]`,
    [
      "not_an_object@0: 1",
      'not_an_object@1: "x,{}"',
      "not_an_object@2: null",
      "not_an_object@3: [1, [2]]",
      "not_an_object@4: true",
      "not_an_object@5: []",
      A,
    ],
  ],
  [
    "an element cut off after a colon, each in its line",
    `[\n${a},\n{"id":\n${b},\n${c}\n]`,
    [A, 'invalid_json@1: {"id":', B, C],
  ],
  [
    "an element cut off after a colon in a single line",
    `[${a},{"id":"x","name":${b},${c}]`,
    [A, 'invalid_json@1: {"id":"x","name":', B, C],
  ],
  [
    "an element cut off, each in its line",
    `[\n${a},\n{"id": "x", "na\n${b},\n${c}\n]`,
    [A, 'invalid_json@1: {"id": "x", "na', B, C],
  ],
  [
    "an element cut off inside a nested array",
    `[\n${a},\n{"id": [1,\n${b},\n${c}\n]`,
    [A, 'invalid_json@1: {"id": [1', B, C],
  ],
  [
    "an element cut off in a single line",
    `[${a}, {"id": "x", "na, ${b}, ${c}]`,
    [A, 'invalid_json@1: {"id": "x", "na', B, C],
  ],
  [
    "an element cut off with the comma after it",
    `[${a}, {"id": "x", "na${b}, ${c}]`,
    [A, 'invalid_json@1: {"id": "x", "na', B, C],
  ],
  ["a missing quote", `[{"id":"x, "name":"y"}, ${a}, ${b}]`, ['invalid_json@0: {"id":"x, "name":"y"}', A, B]],
  [
    "a missing quote at the end of an element",
    `[{"id":"x","name":"y}, ${a}, ${b}]`,
    ['invalid_json@0: {"id":"x","name":"y}', A, B],
  ],
  [
    "a doubled quote",
    `[${a}, {"id":""x","name":"y"}, ${b}]`,
    [A, 'invalid_json@1: {"id":""x","name":"y"}', B],
  ],
  ["a missing brace before a comma", `[{"id":"x", ${a}, ${b}]`, ['invalid_json@0: {"id":"x"', A, B]],
  ["a missing brace before a line", `[\n{"id":"x",\n${a},\n${b}\n]`, ['invalid_json@0: {"id":"x"', A, B]],
  [
    "a missing opening brace",
    `[${a}, "id":"x","name":"y"}, ${b}]`,
    [A, 'invalid_json@1: "id":"x","name":"y"}', B],
  ],
  ["a doubled brace at the end", `[${a}}, ${b}]`, [A, "invalid_json@1: }", B]],
  ["a doubled brace at the beginning", `[${a}, {${b}, ${c}]`, [A, "invalid_json@1: {", B, C]],
  [
    "stray words between elements",
    `[${a}, oops ${b}, ${c} oops, ${a}]`,
    [A, "invalid_json@1: oops", B, C, "invalid_json@4: oops", A],
  ],
  ["a raw line end in a string", `[{"id":"x\ny"},\n${a}]`, ['invalid_json@0: {"id":"x\ny"}', A]],
  ["a truncated last element", `[\n${a},\n${b},\n{"id":"c","na`, [A, B, 'invalid_json@2: {"id":"c","na']],
  ["a file truncated after a comma", `[${a},${b},`, [A, B]],
  ["a damaged first byte", `x\n${a},\n${b}\n]`, ["invalid_json@0: x", A, B]],
  ["a byte before the bracket", `x[${a},${b}]`, ["invalid_json@0: x", A, B]],
  ["a missing opening bracket", `\n${a},\n${b}\n]`, [A, B]],
  [
    "nesting that no record has",
    `[{"id":${"[".repeat(200)}${"]".repeat(200)}},${a}]`,
    [`invalid_json@0: {"id":${"[".repeat(200)}${"]".repeat(200)}}`, A],
  ],
  [
    "objects inside of nesting that no record has",
    `[{"id":${"[".repeat(200)}${a},\n${b}${"]".repeat(200)}},${c}]`,
    [`invalid_json@0: {"id":${"[".repeat(200)}${a},\n${b}${"]".repeat(200)}}`, C],
  ],
];

describe("the reader of JSON arrays", () => {
  it.each(EXAMPLES)("reads %s", async (_title, content, expected) => {
    expect((await readInAnyChunks(content)).map(brief)).toEqual(expected);
  });

  it.each([
    [
      "pretty-printed objects one after the other",
      `${JSON.stringify(A, null, 2)}\n${JSON.stringify(B, null, 2)}\n`,
    ],
    ["pretty-printed objects with commas", `${JSON.stringify(A, null, 2)},\n${JSON.stringify(B, null, 2)}\n`],
    ["objects in a line, with commas", `${a}, ${b}`],
  ])("reads %s without brackets", async (_title, content) => {
    expect((await readInAnyChunks(content)).map(brief)).toEqual([A, B]);
  });

  it("gives elements as they stand in the file, with their index", async () => {
    expect(await readInAnyChunks('[ {"id" : 1} , 2, {"id":3}]')).toEqual([
      { raw: '{"id" : 1}', place: { index: 0 }, fields: { id: 1 } },
      expect.objectContaining({ raw: "2", place: { index: 1 } }),
      { raw: '{"id":3}', place: { index: 2 }, fields: { id: 3 } },
    ]);
  });

  it("rejects an element that is not UTF-8 and keeps its neighbours", async () => {
    const bad = Buffer.from([0x7b, 0x22, 0x69, 0x64, 0x22, 0x3a, 0x22, 0xff, 0xc3, 0x22, 0x7d]);
    const content = Buffer.concat([Buffer.from(`[{"id":"é"},`), bad, Buffer.from(`,\n${b}]`)]);
    const records = await readInAnyChunks(content);
    expect(records.map(brief)).toEqual([{ id: "é" }, 'invalid_utf8@1: {"id":"\uFFFD\uFFFD"}', B]);
    expect(records[1]).toHaveProperty("rawBase64", bad.toString("base64"));
  });

  it("does not show data in the detail of a problem", async () => {
    const [record] = await readInAnyChunks('[{"email": secret@example.com}]');
    expect(record).toHaveProperty("problem.reason", "invalid_json");
    expect(JSON.stringify(record && "problem" in record && record.problem)).not.toContain("secret");
  });
});

describe("an element behind a broken one", () => {
  it.each([
    ["in the next line", '[\n{"id":"x","na\n{"name":"Bob","id":"b"}\n]', '{"id":"x","na'],
    ["after a comma", '[{"id":"x","na, {"name":"Bob","id":"b"}]', '{"id":"x","na'],
  ])("is found %s, also where it begins with another key", async (_title, content, broken) => {
    expect((await readInAnyChunks(content)).map(brief)).toEqual([`invalid_json@0: ${broken}`, B]);
  });

  it("is not mistaken for the nested object of a member", async () => {
    const content = `[{"id":"x","na": {"id":"nested"}, "z":?}, ${b}]`;
    const broken = '{"id":"x","na": {"id":"nested"}, "z":?}';
    expect((await readInAnyChunks(content)).map(brief)).toEqual([`invalid_json@0: ${broken}`, B]);
  });
});

describe("an element that is too large", () => {
  const maxRecordBytes = 2000;
  const options = { maxRecordBytes };

  it("is reported by its beginning, and reading goes on behind it", async () => {
    const large = JSON.stringify({
      id: "x",
      items: Array.from({ length: 2000 }, (_, n) => ({ n, text: "}]" })),
    });
    const records = await readInAnyChunks(`[${a},${large},${b},${c}]`, options);
    expect(records.map((record) => ("problem" in record ? record.problem.reason : record.fields))).toEqual([
      A,
      "record_too_large",
      B,
      C,
    ]);
    expect(records[1]).toMatchObject({
      raw: large.slice(0, maxRecordBytes),
      rawTruncated: true,
      place: { index: 1 },
    });
  });

  it("is reported as well where its end is missing", async () => {
    const records = await readInAnyChunks(`[${a},{"x":"${"y".repeat(30_000)}`, options);
    expect(records.map((record) => ("problem" in record ? record.problem.reason : record.fields))).toEqual([
      A,
      "record_too_large",
    ]);
  });

  it("may be an array", async () => {
    const records = await readInAnyChunks(`[${a},[${"1,".repeat(5000)}1],${b}]`, options);
    expect(records.map((record) => ("problem" in record ? record.problem.reason : record.fields))).toEqual([
      A,
      "record_too_large",
      B,
    ]);
  });

  it("is told from a short one whose end is missing and that its neighbours seem to belong to", async () => {
    const neighbours = Array.from({ length: 300 }, (_, n) => ({ id: `n${n}`, name: "x" }));
    const text = neighbours.map((value) => JSON.stringify(value)).join(",");
    const records = await readInAnyChunks(`[${a},{"id":"x","list":[1,${text}]`, options);
    expect(records.map(brief)).toEqual([A, 'invalid_json@1: {"id":"x","list":[1', ...neighbours]);
  });

  it("is told from one whose end is missing, where its neighbours come after the greatest length", async () => {
    const records = await readInAnyChunks(`[${a},{"id":"x","list":[${"1,".repeat(3000)}${b},${c}]`, options);
    expect(records.map((record) => ("problem" in record ? record.problem.reason : record.fields))).toEqual([
      A,
      "record_too_large",
      B,
      C,
    ]);
  });

  it("may have members that begin as it does", async () => {
    const members = Array.from({ length: 400 }, (_, n) => `"k${n}": {"id":"nested"}`);
    const records = await readInAnyChunks(`[${a},{"id":"x",${members}},${b}]`, options, [1, 2, 3, 5, 7, 64]);
    expect(records.map((record) => ("problem" in record ? record.problem.reason : record.fields))).toEqual([
      A,
      "record_too_large",
      B,
    ]);
  });

  it("does not hide the elements behind a long piece of garbage", async () => {
    const records = await readInAnyChunks(`[${a},{"id" ${"garbage ".repeat(2000)},${b},\n${c}]`, options);
    expect(records).toHaveLength(4);
    expect(records[1]).toMatchObject({ rawTruncated: true, problem: { reason: "invalid_json" } });
    expect(records.slice(2).map(brief)).toEqual([B, C]);
  });
});
