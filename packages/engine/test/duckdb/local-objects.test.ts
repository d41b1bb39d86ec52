import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FileStore, type ObjectInfo } from "@ingot/common";
import { describe, expect, onTestFinished, test } from "vitest";
import { LocalObjects } from "../../src/index.ts";

async function folderStore(...keys: string[]) {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-local-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const store = new FileStore(path.join(folder, "silver"));
  for (const key of keys) await store.write(key, Buffer.from(key));
  const cache = path.join(folder, "cache");
  const listed: ObjectInfo[] = [];
  for await (const info of store.list()) listed.push(info);
  return { folder, store, listed, cache, objects: new LocalObjects(cache) };
}

describe("objects of a folder lake", () => {
  test("are read where they lie", async () => {
    const { folder, store, listed, objects } = await folderStore("orders/dt=2026-01-01/é.csv");
    const [file] = await objects.files(store, listed);
    expect(file).toEqual({ path: path.join(folder, "silver/orders/dt=2026-01-01/é.csv") });
  });

  test("are copied where DuckDB would take their name for a pattern", async () => {
    const keys = ["a*.csv", "a1.csv", "b?.csv", "b[1].csv"];
    const { store, listed, objects, cache } = await folderStore(...keys);
    const files = await objects.files(store, listed);
    expect(files.map(({ path: file }) => readFileSync(file, "utf8"))).toEqual(keys);
    expect(files.filter(({ path: file }) => /[*?[]/.test(path.basename(file)))).toEqual([]);
    expect(readdirSync(cache)).toHaveLength(3);
  });
});

describe("the cache", () => {
  test("keeps an object until it has another ETag", async () => {
    const { store, listed, objects } = await folderStore("a*.csv");
    const fetched: string[] = [];
    const onFetched = ({ key }: ObjectInfo): void => void fetched.push(key);
    await objects.files(store, listed, { onFetched });
    await objects.files(store, listed, { onFetched });
    expect(fetched).toEqual(["a*.csv"]);
    await store.write("a*.csv", Buffer.from("other"));
    await expect(new LocalObjects(`${store.url}-2`.slice(7)).files(store, listed)).rejects.toMatchObject({
      code: "object_changed",
    });
    const stat = await store.stat("a*.csv");
    const [file] = await objects.files(store, [stat!], { onFetched });
    expect(readFileSync(file!.path, "utf8")).toBe("other");
    expect(fetched).toHaveLength(2);
  });

  test("forgets what was not used for longest, but nothing that may be in use", async () => {
    const { store, listed, objects, cache } = await folderStore("a*1.csv", "a*2.csv", "a*3.csv");
    const files = await objects.files(store, listed);
    const hoursAgo = (hours: number) => Date.now() / 1000 - hours * 3600;
    for (const [at, { path: file }] of files.entries()) utimesSync(file, hoursAgo(at + 2), hoursAgo(at + 2));
    const size = statSync(files[0]!.path).size;
    await objects.trim(2 * size);
    expect(readdirSync(cache).sort()).toEqual(
      files
        .slice(0, 2)
        .map(({ path: file }) => path.basename(file))
        .sort(),
    );
    // Used again, it is young again.
    await objects.files(store, [listed[1]!]);
    await objects.trim(0);
    expect(readdirSync(cache)).toEqual([path.basename(files[1]!.path)]);
    writeFileSync(path.join(cache, ".tmp-killed"), "x");
    utimesSync(path.join(cache, ".tmp-killed"), hoursAgo(30), hoursAgo(30));
    await objects.trim(1e9);
    expect(readdirSync(cache)).toHaveLength(1);
  });
});
