import { readFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { IngotError, type ObjectStore, overriding } from "@ingot/common";
import { openDuckDb, sqlText } from "@ingot/engine";
import fc from "fast-check";
import { describe, expect, inject, test } from "vitest";
import { runs } from "../../../packages/common/test/support/runs.ts";
import { listFolder } from "../src/pipeline/list-folder.ts";
import type { OpenLayer } from "../src/pipeline/open-layers.ts";
import { PipelineLake } from "./pipeline-lake.ts";

const PLACES = [
  { name: "a folder", server: undefined },
  ...inject("s3Servers").map((server) => ({ name: server.name, server })),
];

const put = (store: ObjectStore, key: string, content: string | Uint8Array = "x", metadata = {}) =>
  store.write(key, Buffer.from(content as string), { metadata });

describe.each(PLACES)("the objects on $name", ({ server }) => {
  test("are shown folder by folder", async () => {
    const lake = await PipelineLake.open(server);
    const { gold } = lake.lake;
    const keys = [
      "a.csv",
      "a/1.csv",
      "a/b/2.json",
      "a/b0",
      "a/c/é/3.txt",
      "a/😀/4",
      "a/z.parquet",
      "a0",
      "b/c/d/5",
    ];
    for (const key of keys) await put(gold, key);
    const view = lake.view();
    expect(await view.objects("silver", "")).toEqual({
      layer: "silver",
      prefix: "",
      folders: [],
      objects: [],
    });
    const top = await view.objects("gold", "");
    expect(top.folders).toEqual(["a/", "b/"]);
    expect(top.objects).toMatchObject([
      { key: "a.csv", size: 1, can_preview: true },
      { key: "a0", can_preview: false },
    ]);
    expect(Date.parse(top.objects[0]!.modified)).toBeGreaterThan(Date.now() - 60_000);
    const inner = await view.objects("gold", "a/");
    expect(inner.folders).toEqual(["b/", "c/", "😀/"]);
    expect(inner.objects.map(({ key }) => key)).toEqual(["a/1.csv", "a/b0", "a/z.parquet"]);
    expect((await view.objects("gold", "a/c/")).folders).toEqual(["é/"]);
    expect((await view.objects("gold", "none/")).objects).toEqual([]);
    const first = await listFolder(lake.lake, "gold", "a/", "", { entries: 2, ms: 1e6 });
    expect([first.folders, first.objects.map(({ key }) => key)]).toEqual([["b/"], ["a/1.csv"]]);
    const second = await view.objects("gold", "a/", first.next);
    expect([second.folders, second.objects.length, second.next]).toEqual([["c/", "😀/"], 2, undefined]);
  });

  test("are previewed: tables, compressed ones, texts", async () => {
    const lake = await PipelineLake.open(server);
    const { gold, silver } = lake.lake;
    const rows = Array.from({ length: 60 }, (_, at) => `${at},"Tea, ""${at}""\n"\n`).join("");
    await put(gold, "latest/k.csv", `id,name\n${rows}`, { sql_file: "k.sql" });
    await put(silver, "k.csv.gz", gzipSync(`id,name\n1,é\n`));
    await put(gold, "k.json.gz", gzipSync(`{"a":"${"é".repeat(20_000)}"}`));
    const view = lake.view();
    const csv = await view.preview("gold", "latest/k.csv");
    expect(csv).toMatchObject({
      layer: "gold",
      key: "latest/k.csv",
      metadata: { sql_file: "k.sql" },
      columns: ["id", "name"],
      is_cut: true,
    });
    expect(csv.rows).toHaveLength(50);
    expect(csv.rows![7]).toEqual(["7", 'Tea, "7"\n']);
    expect(await view.preview("silver", "k.csv.gz")).toMatchObject({
      columns: ["id", "name"],
      rows: [["1", "é"]],
      is_cut: false,
    });
    const json = await view.preview("gold", "k.json.gz");
    expect(json.is_cut).toBe(true);
    expect(json.text).toMatch(/^\{"a":"é+$/);
    expect(Buffer.byteLength(json.text!)).toBeGreaterThan(20_000);
    const session = await openDuckDb({ threads: 1 });
    const file = path.join(session.folder, "rows.parquet");
    await session.run(
      `COPY (SELECT range AS id, CASE WHEN range > 0 THEN 'é' END AS name FROM range(70)) TO ${sqlText(file)} (FORMAT parquet)`,
    );
    await put(silver, "parquet/orders/rows.parquet", await readFile(file));
    await session.close();
    const parquet = await view.preview("silver", "parquet/orders/rows.parquet");
    expect(parquet).toMatchObject({ columns: ["id", "name"], is_cut: true });
    expect(parquet.rows!.slice(0, 2)).toEqual([
      ["0", ""],
      ["1", "é"],
    ]);
    expect(parquet.rows).toHaveLength(50);
    await refused(view.preview("silver", "parquet/none.parquet"), "object_missing");
  });
});

const refused = async (asked: Promise<unknown>, code: string): Promise<void> => {
  const error = await asked.then(
    () => undefined,
    (thrown: IngotError) => thrown,
  );
  expect(error).toBeInstanceOf(IngotError);
  expect(error?.code).toBe(code);
};

describe("objects", () => {
  test("of other layers, and what can be no object, are refused", async () => {
    const lake = await PipelineLake.open();
    await put(lake.lake.bronze, "secret.csv");
    const view = lake.view();
    for (const layer of ["bronze", "quarantine", "warehouse", "__proto__"] as unknown as OpenLayer[]) {
      await refused(view.objects(layer, ""), "invalid_parameter");
      await refused(view.preview(layer, "secret.csv"), "invalid_parameter");
    }
    for (const prefix of ["../", "../bronze/", "a/../", "/", "a//", "./", "a", "a\0/", "\ud800/"])
      await refused(view.objects("gold", prefix), "invalid_parameter");
    await refused(view.objects("gold", "a/", "b/1"), "invalid_parameter");
    await refused(view.objects("gold", "a/", "a/../../bronze/x"), "invalid_parameter");
    for (const key of [
      "../bronze/secret.csv",
      "",
      "/",
      "a/",
      "a/../b",
      "a\0",
      ".ingot-meta-0123456789abcdef01234567.json",
    ])
      await refused(view.preview("gold", key), "invalid_parameter");
    await refused(view.preview("gold", "secret.csv"), "object_missing");
  });

  test("of a large folder are found without a look at all that is below", async () => {
    const lake = await PipelineLake.open();
    const { gold } = lake.lake;
    for (const folder of ["a", "b", "c"])
      for (let at = 0; at < 25; at += 1) await put(gold, `${folder}/${at}`);
    let shown = 0;
    const list: ObjectStore["list"] = async function* (options) {
      for await (const info of gold.list(options)) {
        shown += 1;
        yield info;
      }
    };
    const { folders } = await listFolder({ ...lake.lake, gold: overriding(gold, { list }) }, "gold", "");
    expect(folders).toEqual(["a/", "b/", "c/"]);
    expect(shown).toBe(3);
  });

  test("are all shown, whatever they are called, in parts of any size", async () => {
    const lake = await PipelineLake.open();
    const name = fc.constantFrom("a", "b", "a-", "a0", "é", "\u{ffee}", "😀", "dt=1", "z.csv");
    const key = fc.array(name, { minLength: 1, maxLength: 4 });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(key, { maxLength: 8 }),
        fc.integer({ min: 1, max: 4 }),
        async (paths, entries) => {
          round += 1;
          const root = `${round}/`;
          // In a folder no object can have the name of a folder.
          const keys = [
            ...new Set(paths.map((segments) => `${root}${segments.map((part) => `${part}_`).join("/")}.x`)),
          ];
          for (const one of keys) await put(lake.lake.gold, one);
          const expected = keys.map((one) => one.slice(root.length).replace(/\/.*/, "/"));
          const found: string[] = [];
          for (let after: string | undefined = ""; after !== undefined; ) {
            const part = await listFolder(lake.lake, "gold", root, after, { entries, ms: 1e6 });
            expect(part.folders.length + part.objects.length).toBeLessThanOrEqual(entries);
            found.push(...part.folders, ...part.objects.map((object) => object.key.slice(root.length)));
            after = part.next;
          }
          expect(found.sort()).toEqual([...new Set(expected)].sort());
        },
      ),
      { numRuns: runs(12) },
    );
  });

  test("are read no further than what is shown", async () => {
    const lake = await PipelineLake.open();
    const { gold } = lake.lake;
    await put(gold, "large.csv", `a,b\n${"1,2\n".repeat(500_000)}`);
    await put(gold, "large.json", " ".repeat(2_000_000));
    let bytes = 0;
    const read: ObjectStore["read"] = async (key) => {
      const stored = await gold.read(key);
      const body = async function* () {
        for await (const chunk of stored.body) {
          bytes += chunk.length;
          yield chunk;
        }
      };
      return { ...stored, body: body() };
    };
    const view = lake.view({ lake: { ...lake.lake, gold: overriding(gold, { read }) } });
    expect((await view.preview("gold", "large.csv")).rows).toHaveLength(50);
    expect((await view.preview("gold", "large.json")).text).toHaveLength(20 * 1024);
    expect(bytes).toBeLessThan(600_000);
  });

  test("of odd content are shown as far as they can be", async () => {
    const lake = await PipelineLake.open();
    const { gold } = lake.lake;
    const view = lake.view();
    const shown = async (key: string, content: string | Uint8Array) => {
      await put(gold, key, content);
      const { columns, rows, text, is_cut } = await view.preview("gold", key);
      return { columns, rows, text, is_cut };
    };
    expect(await shown("empty.csv", "")).toEqual({ text: "", is_cut: false });
    expect(await shown("header.csv", "a,b\n")).toEqual({ columns: ["a", "b"], rows: [], is_cut: false });
    expect(await shown("foreign.csv", "a;b\r\n1;2\r\n")).toEqual({ text: "a;b\r\n1;2\r\n", is_cut: false });
    expect(await shown("cut.csv", "a,b\n1,")).toEqual({ text: "a,b\n1,", is_cut: false });
    expect(await shown("one-line.csv", "x".repeat(200_000))).toMatchObject({ is_cut: true });
    expect(await shown("binary.json", Buffer.from([0xff, 0, 0xfe]))).toEqual({
      text: "\ufffd\0\ufffd",
      is_cut: false,
    });
    expect(await shown("damaged.csv.gz", gzipSync("a\n1\n2\n").subarray(0, 22))).toMatchObject({
      is_cut: false,
    });
    const wide = `${Array.from({ length: 300 }, (_, at) => `c${at}`).join(",")}\n${"y".repeat(5_000)}${",".repeat(299)}\n`;
    const { columns, rows, is_cut } = await shown("wide.csv", wide);
    expect([columns?.length, rows?.[0]?.length, rows?.[0]?.[0]?.length, is_cut]).toEqual([
      200,
      200,
      501,
      true,
    ]);
    expect(await shown("notes.txt", "hello")).toEqual({ is_cut: true });
    expect(await shown("no.parquet", "PAR1")).toEqual({ is_cut: true });
  });
});
