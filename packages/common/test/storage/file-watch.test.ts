import { execFile } from "node:child_process";
import { appendFile, mkdir, mkdtemp, rename, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { FileStore } from "../../src/storage/files/store.ts";
import { watchFolder } from "../../src/storage/files/watch.ts";
import { Hints } from "./hints.ts";

async function watched({ exists = true } = {}) {
  const parent = await mkdtemp(path.join(tmpdir(), "ingot-watch-"));
  const root = path.join(parent, "bronze");
  if (exists) await mkdir(root);
  const hints = new Hints();
  const watch = watchFolder(root, hints);
  onTestFinished(async () => {
    await watch.close();
    await rm(parent, { recursive: true, force: true });
  });
  if (exists) await hints.begun();
  const put = (key: string) => writeFile(path.join(root, key), "x");
  return { parent, root, hints, watch, put };
}

test("a new file, a changed one, and one that is moved in are told of", async () => {
  const { parent, root, hints, put } = await watched();
  await hints.after(() => put("orders_1.json"));
  await delay(50);
  await hints.after(() => appendFile(path.join(root, "orders_1.json"), "y"));
  await delay(50);
  await writeFile(path.join(parent, "orders_2.json"), "x");
  await hints.after(() => rename(path.join(parent, "orders_2.json"), path.join(root, "orders_2.json")));
});

test("a file in a new folder is told of at once, however deep and however soon it comes", async () => {
  const { root, hints } = await watched();
  for (let round = 0; round < 20; round++) {
    const folder = path.join(root, "orders", `dt=2026-01-${round}`, "till");
    await mkdir(folder, { recursive: true });
    await delay(round * 2);
    await hints.after(() => writeFile(path.join(folder, "orders_1.json"), "x"));
    await delay(20);
    await hints.after(() => writeFile(path.join(folder, "orders_2.json"), "x"));
    await delay(20);
  }
});

test("a folder full of files that is moved in is told of", async () => {
  const { parent, root, hints } = await watched();
  await mkdir(path.join(parent, "new", "deep"), { recursive: true });
  await writeFile(path.join(parent, "new", "deep", "orders_1.json"), "x");
  await hints.after(() => rename(path.join(parent, "new"), path.join(root, "new")));
  await hints.after(() => writeFile(path.join(root, "new", "deep", "orders_2.json"), "x"));
});

test("deleted files, empty folders and Ingot's own hidden files are no reason to wake", async () => {
  const { root, hints, put } = await watched();
  await put("orders_1.json");
  await put("orders_2.json");
  await delay(100);
  await hints.noneAfter(async () => {
    await unlink(path.join(root, "orders_1.json"));
    await mkdir(path.join(root, "empty"));
    await put(".ingot-tmp-0123456789abcdef");
    await put(".ingot-meta-0123456789abcdef01234567.json");
    await rm(path.join(root, "empty"), { recursive: true });
  });
  await hints.after(() => put("orders_3.json"));
});

test("what the store itself writes is told of, with and without metadata", async () => {
  const { root, hints } = await watched();
  const store = new FileStore(root);
  const cases: Record<string, string>[] = [{}, { rows: "1" }];
  for (const metadata of cases) {
    const key = `dt=2026-01-01/orders_${Object.keys(metadata).length}.csv`;
    await hints.after(() => store.write(key, Buffer.from("x"), { metadata, ifAbsent: true }));
    await delay(50);
    await hints.after(() => store.write(key, Buffer.from("y"), { metadata }));
    await delay(50);
  }
});

test("the layer's folder may come later, go, and come again", async () => {
  const { parent, root, hints, put } = await watched({ exists: false });
  await hints.after(async () => {
    await mkdir(root);
    await put("orders_1.json");
  });
  for (let round = 0; round < 3; round++) {
    await rm(root, { recursive: true });
    await delay(100 * round);
    await hints.after(async () => {
      await mkdir(path.join(root, "dt=2026-01-01"), { recursive: true });
      await put("dt=2026-01-01/orders_1.json");
    });
    await delay(50);
    await hints.after(() => put("dt=2026-01-01/orders_2.json"));
    await rename(root, path.join(parent, `old-${round}`));
    await hints.after(() => mkdir(root));
  }
  expect(hints.reasons).toEqual([]);
});

test("a folder that is deleted and made anew is watched again", async () => {
  const { root, hints, put } = await watched();
  const folder = path.join(root, "dt=2026-01-01");
  for (let round = 0; round < 5; round++) {
    await mkdir(folder);
    await delay(30 * (round % 2));
    await hints.after(() => put("dt=2026-01-01/orders_1.json"));
    await rm(folder, { recursive: true });
  }
});

test("nothing is told after it was closed, and closing takes no time, even at the start", async () => {
  const { root, hints, watch, put } = await watched();
  const start = performance.now();
  await watch.close();
  await hints.noneAfter(() => put("orders_1.json"));
  const early = new Hints();
  await watchFolder(root, early).close();
  await early.noneAfter(() => put("orders_2.json"));
  expect(performance.now() - start).toBeLessThan(2_000);
});

test("a watch does not keep a process alive", async () => {
  const { root } = await watched();
  const module = fileURLToPath(new URL("../../src/storage/files/watch.ts", import.meta.url));
  const script = `const { watchFolder } = await import(${JSON.stringify(module)});
    watchFolder(${JSON.stringify(root)}, { onChange: () => console.log("hint"), onUnable: () => {} });
    watchFolder(${JSON.stringify(`${root}/none`)}, { onChange: () => {}, onUnable: () => {} });
    await new Promise((resolve) => setTimeout(resolve, 200));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    timeout: 10_000,
  });
  expect(stdout).toBe("hint\n");
});

test("where the system has no watchers left, it is said once, in words that help", async () => {
  const { root, parent } = await watched();
  const module = fileURLToPath(new URL("../../src/storage/files/watch.ts", import.meta.url));
  for (let i = 0; i < 5; i++) await mkdir(path.join(root, `dt=${i}`));
  // A limit of a user's: inotify instances count against open files too, and a process may lower that for itself.
  const script = `const { watchFolder } = await import(${JSON.stringify(module)});
    const { openSync } = await import("node:fs");
    try { for (;;) openSync("/dev/null"); } catch {}
    watchFolder(${JSON.stringify(root)}, { onChange: () => {}, onUnable: (reason) => console.log(reason) });
    await new Promise((resolve) => setTimeout(resolve, 500));`;
  const command = `ulimit -n 64 && exec "$0" --input-type=module --eval "$1"`;
  const { stdout } = await promisify(execFile)("sh", ["-c", command, process.execPath, script], {
    timeout: 10_000,
    cwd: parent,
  });
  expect(stdout).toBe(
    `${root} cannot be watched: the system has as many watchers or open files as it may ` +
      "(sysctl fs.inotify.max_user_instances, ulimit -n)\n",
  );
});
