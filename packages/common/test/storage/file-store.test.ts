import { execFile, spawn } from "node:child_process";
import {
  appendFile,
  chmod,
  cp,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FileStore } from "../../src/storage/files/store.ts";
import { readAll } from "../../src/storage/object-store.ts";

const run = promisify(execFile);
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const text = (value: string): Uint8Array => Buffer.from(value);

let root: string;
let store: FileStore;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "ingot-files-"));
  store = new FileStore(root);
});
afterEach(async () => await rm(root, { recursive: true }));

const at = (key: string): string => path.join(root, key);
const keys = async (prefix = ""): Promise<string[]> =>
  (await Array.fromAsync(store.list({ prefix }))).map(({ key }) => key);

describe("files that Ingot keeps for itself", () => {
  test("lie beside their object, under exactly the reserved names, and only where they are needed", async () => {
    await store.write("a/plain", text("x"));
    expect(await readdir(at("a"))).toEqual(["plain"]);
    await store.write("a/plain", text("x"), { metadata: { rows: "1" } });
    const [side, ...others] = await readdir(at("a"));
    expect(side).toMatch(/^\.ingot-meta-[0-9a-f]{24}\.json$/);
    expect(others).toEqual(["plain"]);
    await store.write("a/plain", text("y"));
    expect(await readdir(at("a"))).toEqual(["plain"]);
  });

  test("are not listed, and nothing else that begins like them is hidden", async () => {
    const shown = [".ingot-meta-x.json", ".ingot-tmp-", ".ingot-tmp-0123456789abcdef.csv", "object"];
    await store.write("object", text("x"), { metadata: { rows: "1" } });
    for (const name of shown.slice(0, 3)) await writeFile(at(name), "");
    await writeFile(at(".ingot-tmp-0123456789abcdef"), "");
    expect(await keys()).toEqual(shown);
  });

  test("cannot be reached by a key", async () => {
    const names = [".ingot-tmp-0123456789abcdef", ".ingot-meta-0123456789abcdef01234567.json"];
    for (const key of [...names, `a/${names[0]}`, `${names[1]}/a`, "a\\b", "a//b"]) {
      await expect(store.write(key, text("x")), key).rejects.toMatchObject({ code: "invalid_key" });
      await expect(store.read(key), key).rejects.toMatchObject({ code: "invalid_key" });
    }
  });

  test("let names be as long as the file system allows, and refuse longer ones", async () => {
    const longest = "n".repeat(255);
    const metadata = { rows: "1" };
    await store.write(`long/${longest}`, text("x"), { metadata });
    await store.write(`long/${longest}`, text("y"), { metadata });
    expect(await store.stat(`long/${longest}`)).toMatchObject({ metadata });
    expect(await keys()).toEqual([`long/${longest}`]);
    for (const ifAbsent of [true, false]) {
      await expect(store.write(`long/${longest}n`, text("x"), { ifAbsent })).rejects.toMatchObject({
        code: "invalid_key",
      });
    }
    expect(await readdir(at("long"))).toHaveLength(2);
  });
});

describe("a writer that is killed", () => {
  const killed = async (key: string): Promise<void> => {
    const child = spawn(process.execPath, [fixture("endless-writer.ts"), root, key], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const ended = new Promise((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
  };

  test("leaves no object, and what it leaves can be removed", async () => {
    await killed("orders/large.json");
    expect(await keys()).toEqual([]);
    expect(await store.stat("orders/large.json")).toBeUndefined();
    expect(await readdir(at("orders"))).toHaveLength(1);
    expect(await store.removeStaleTemporaries(60_000)).toBe(0);
    expect(await store.removeStaleTemporaries(0)).toBe(1);
    expect(await readdir(at("orders"))).toEqual([]);
    await store.write("orders/large.json", text("x"), { ifAbsent: true });
    expect(await keys()).toEqual(["orders/large.json"]);
  });

  test("leaves the old object with its metadata", async () => {
    await store.write("orders/large.json", text("old"), { metadata: { version: "old" } });
    await killed("orders/large.json");
    expect((await readAll(store, "orders/large.json")).toString()).toBe("old");
    expect((await store.stat("orders/large.json"))?.metadata).toEqual({ version: "old" });
  });
});

describe("metadata never sticks to bytes that it does not describe", () => {
  const metadata = { rows: "1" };
  beforeEach(async () => void (await store.write("a.csv", text("one"), { metadata })));
  const metadataNow = async () => {
    const { body, ...info } = await store.read("a.csv");
    for await (const _ of body);
    expect((await store.stat("a.csv"))?.metadata).toEqual(info.metadata);
    return info.metadata;
  };

  test("a file that somebody edited has none", async () => {
    await writeFile(at("a.csv"), "two");
    expect(await metadataNow()).toEqual({});
  });

  test("a file that somebody put in its place has none, also where size and name are the same", async () => {
    await writeFile(at("b.csv"), "two");
    await rename(at("b.csv"), at("a.csv"));
    expect(await metadataNow()).toEqual({});
  });

  test("a file of the same size and time in its place has none either", async () => {
    await writeFile(at("b.csv"), "two");
    await run("touch", ["-r", at("a.csv"), at("b.csv")]);
    await rename(at("b.csv"), at("a.csv"));
    expect(await metadataNow()).toEqual({});
  });

  test("a file that came back after its object was deleted by hand has none, unless it is the same", async () => {
    await rm(at("a.csv"));
    await writeFile(at("a.csv"), "six");
    expect(await metadataNow()).toEqual({});
    await writeFile(at("a.csv"), "one");
    expect(await metadataNow()).toEqual(metadata);
  });

  test("a copy of the lake that lost its times keeps it", async () => {
    await cp(root, at("../copied lake"), { recursive: true, filter: (file) => !file.includes("copied") });
    const copied = new FileStore(at("../copied lake"));
    await utimes(at("../copied lake/a.csv"), 1, 1);
    expect((await copied.stat("a.csv"))?.metadata).toEqual(metadata);
    await rm(at("../copied lake"), { recursive: true });
  });

  test("a damaged side file counts as none", async () => {
    const [side] = await readdir(root);
    for (const damage of ["", "null", "[]", '{"versions":[null,1]}', '{"versions":7}']) {
      await writeFile(at(side!), damage);
      expect(await metadataNow()).toEqual({});
    }
    await store.write("a.csv", text("two"), { metadata: { rows: "2" } });
    expect(await metadataNow()).toEqual({ rows: "2" });
  });

  test("the old object has its own while the new one's is there already", async () => {
    const side = (await readdir(root)).find((name) => name.startsWith(".ingot-meta"))!;
    await link(at("a.csv"), at("kept"));
    await store.write("a.csv", text("two"), { metadata: { rows: "2" } });
    // As after a kill between the two steps of a write: the side file is new, the object is still the old one.
    await rename(at("kept"), at("a.csv"));
    expect(await metadataNow()).toEqual(metadata);
    expect(JSON.parse(await readFile(at(side), "utf8"))).toMatchObject({ object: "a.csv" });
  });
});

describe("a file that changes while it is being read", () => {
  const change = async (work: () => Promise<void>): Promise<unknown> => {
    await writeFile(at("slow.csv"), Buffer.alloc(700_000, "a"));
    const { body } = await store.read("slow.csv");
    try {
      let isFirst = true;
      for await (const _ of body) {
        if (isFirst) await work();
        isFirst = false;
      }
    } catch (error) {
      return error;
    }
    return undefined;
  };

  test("is an error where somebody appends to it, as a copy does that is still running", async () => {
    expect(await change(() => appendFile(at("slow.csv"), "more"))).toMatchObject({ code: "object_changed" });
  });

  test("is an error where somebody cuts it off", async () => {
    expect(await change(() => truncate(at("slow.csv"), 10))).toMatchObject({ code: "object_changed" });
  });

  test("is an error where somebody writes over it", async () => {
    const same = Buffer.alloc(700_000, "b");
    expect(await change(() => writeFile(at("slow.csv"), same))).toMatchObject({ code: "object_changed" });
  });

  test("gives the old bytes where it is replaced as a whole, or deleted", async () => {
    expect(await change(async () => void (await store.write("slow.csv", text("new"))))).toBeUndefined();
    expect(await change(() => store.delete("slow.csv"))).toBeUndefined();
  });
});

describe("what else lies in a folder", () => {
  test("links to files are objects; links to folders, to nothing and in circles are not", async () => {
    await mkdir(at("real"));
    await writeFile(at("real/a.csv"), "x");
    await symlink(at("real/a.csv"), at("link.csv"));
    await symlink(at("real"), at("folder"));
    await symlink(root, at("real/circle"));
    await symlink(at("nothing"), at("dangling.csv"));
    await symlink(at("self.csv"), at("self.csv"));
    expect(await keys()).toEqual(["link.csv", "real/a.csv"]);
    expect(await keys("folder/")).toEqual([]);
    expect((await readAll(store, "link.csv")).toString()).toBe("x");
    expect(await store.stat("self.csv")).toBeUndefined();
  });

  test("a pipe is no object, and nobody waits for it", async () => {
    await run("mkfifo", [at("pipe.csv")]);
    expect(await keys()).toEqual([]);
    expect(await store.stat("pipe.csv")).toBeUndefined();
    await expect(store.read("pipe.csv")).rejects.toMatchObject({ code: "object_missing" });
  });

  test("a folder is no object, and does not make room for one", async () => {
    await store.write("a/b", text("x"));
    expect(await store.stat("a")).toBeUndefined();
    await expect(store.read("a")).rejects.toMatchObject({ code: "object_missing" });
    await expect(store.read("a/b/c")).rejects.toMatchObject({ code: "object_missing" });
    await store.delete("a");
    await store.delete("a/b/c");
    for (const ifAbsent of [true, false]) {
      await expect(store.write("a", text("x"), { ifAbsent })).rejects.toMatchObject({ code: "invalid_key" });
      await expect(store.write("a/b/c", text("x"), { ifAbsent })).rejects.toMatchObject({
        code: "invalid_key",
      });
    }
    expect(await keys()).toEqual(["a/b"]);
    expect(await readdir(root)).toEqual(["a"]);
  });

  test("files that vanish while a listing runs are left out", async () => {
    for (let i = 0; i < 300; i++) await store.write(`${i % 3}/${i}`, text("x"));
    const listed: string[] = [];
    for await (const { key } of store.list()) {
      listed.push(key);
      if (listed.length === 1) await rm(at("1"), { recursive: true });
      if (listed.length === 2) for (let i = 2; i < 300; i += 6) await rm(at(`2/${i}`));
    }
    expect(listed).toHaveLength(150);
  });

  test("two quick versions of one size have different ETags", async () => {
    const etags = new Set<string>();
    for (let i = 0; i < 20; i++) {
      await store.write("quick", text(String(i % 10)));
      etags.add((await store.stat("quick"))!.etag);
    }
    expect(etags.size).toBe(20);
  });
});

test("a folder without permission is storage_denied, with the path and what to do", async () => {
  await store.write("a/key", text("x"));
  await chmod(at("a/key"), 0o600);
  await chmod(at("a"), 0o700);
  await chmod(root, 0o755);
  const isRoot = process.getuid?.() === 0;
  // Permissions do not bind root: then somebody else has to try.
  if (!isRoot) await chmod(at("a"), 0o000);
  if (!isRoot) await chmod(root, 0o555);
  const nobody = isRoot ? { uid: 65534, gid: 65534 } : {};
  const { stdout } = await run(process.execPath, [fixture("refused.ts"), root, "a/key"], nobody);
  await chmod(root, 0o755);
  await chmod(at("a"), 0o755);
  const outcomes = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { name: string; code: string; message: string });
  expect(outcomes.map(({ name, code }) => `${name} ${code}`)).toEqual([
    "write storage_denied",
    "overwrite storage_denied",
    "read storage_denied",
    "list storage_denied",
    "delete storage_denied",
  ]);
  for (const { message } of outcomes) {
    expect(message).toContain(root);
    expect(message).toMatch(/EACCES\. Give the user that runs Ingot access/);
  }
});
