import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FolderCache } from "../../src/storage/files/folder-cache.ts";
import { FileStore } from "../../src/storage/files/store.ts";

const MANY = 1_200;

function largeFolder(files = MANY): string {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-folder-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (let at = 0; at < files; at += 1) writeFileSync(path.join(folder, `f${at}`), "");
  return folder;
}

/** A cache and how often it has read. */
function counting() {
  let now = Date.now() + 10_000;
  let reads = 0;
  const cache = new FolderCache<string>(() => now);
  return {
    names: (folder: string) =>
      cache.entries(folder, async () => {
        reads += 1;
        return readdirSync(folder);
      }),
    reads: () => reads,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test("a large folder that nobody touched is read once a minute", async () => {
  const folder = largeFolder();
  const { names, reads, pass } = counting();
  for (let look = 0; look < 5; look += 1) expect(await names(folder)).toHaveLength(MANY);
  expect(reads()).toBe(1);
  pass(59_000);
  await names(folder);
  expect(reads()).toBe(1);
  pass(1_000);
  await names(folder);
  expect(reads()).toBe(2);
});

test("what comes and goes is seen at once", async () => {
  const folder = largeFolder();
  const { names, pass } = counting();
  await names(folder);
  writeFileSync(path.join(folder, "new"), "");
  expect(await names(folder)).toContain("new");
  pass(10_000);
  await names(folder);
  rmSync(path.join(folder, "new"));
  expect(await names(folder)).not.toContain("new");
});

test("a folder that changed a moment ago is read again, though its time stays as it is", async () => {
  const folder = largeFolder();
  const { names, pass } = counting();
  pass(-10_000);
  const time = new Date();
  utimesSync(folder, time, time);
  await names(folder);
  writeFileSync(path.join(folder, "new"), "");
  utimesSync(folder, time, time);
  expect(await names(folder)).toContain("new");
});

test("small folders and those that are gone are not remembered", async () => {
  const small = largeFolder(10);
  const { names, reads } = counting();
  await names(small);
  await names(small);
  expect(reads()).toBe(2);
  rmSync(small, { recursive: true });
  await expect(names(small)).rejects.toThrow();
});

test("a store lists a large folder as it is, however it changes", async () => {
  const folder = largeFolder();
  const past = new Date(Date.now() - 60_000);
  utimesSync(folder, past, past);
  const store = new FileStore(folder);
  const count = async (): Promise<number> => (await Array.fromAsync(store.list())).length;
  expect([await count(), await count()]).toEqual([MANY, MANY]);
  for (let added = 1; added <= 3; added += 1) {
    await store.write(`new${added}`, Buffer.from("x"), { metadata: { a: "b" } });
    expect(await count()).toBe(MANY + added);
  }
  await store.delete("new1");
  expect(await count()).toBe(MANY + 2);
});
