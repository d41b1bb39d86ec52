import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareKeys, type ListOptions, type ObjectStore, readAll } from "../../src/storage/object-store.ts";

/** A new, empty place for each call; `other` opens the same place as another process would. */
export interface TestPlace {
  store: ObjectStore;
  other: ObjectStore;
  cleanUp(): Promise<void>;
}

const text = (value: string): Uint8Array => Buffer.from(value);
const SLOW_MS = 120_000;

/** Keys whose order is easily got wrong. None is another one's folder: a folder store cannot hold both. */
const TRICKY_KEYS = [
  "a",
  "a!",
  "a-b",
  "a.b",
  "ab",
  "a b",
  "b/c",
  "b-c",
  "b.c",
  "b0",
  "b/c-d/e",
  "b/c.d",
  "b/c!",
  "orders/dt=2026-01-31/orders_20260131T235959.json",
  "orders/Bestellungen März.csv",
  "orders/Cafe\u0301.csv",
  "orders/Caf\u00e9.csv",
  "orders/\u{1f600}.csv",
  "orders/\uffee.csv",
  "orders/\ue000.csv",
  "orders/日本.csv",
  "orders/1+1.csv",
  "orders/1%2B1.csv",
  "orders/100%.csv",
  "orders/#1.csv",
  "orders/what?.csv",
  "orders/a&b=c;d,e.csv",
  "orders/it's (1) [2] {3} ~ * ! @ $ ^ | ` \" < >.csv",
  "orders/ leading and trailing ",
  ".hidden",
  "Z",
  "z".repeat(200),
];

/** What every adapter promises; run unchanged against each of them. */
export function describeObjectStore(name: string, makePlace: () => Promise<TestPlace>): void {
  describe(`object store: ${name}`, () => {
    let place: TestPlace;
    let store: ObjectStore;
    let other: ObjectStore;

    beforeAll(async () => {
      place = await makePlace();
      ({ store, other } = place);
    }, SLOW_MS);
    afterAll(async () => await place.cleanUp(), SLOW_MS);

    const keysOf = async (options?: ListOptions): Promise<string[]> => {
      const keys: string[] = [];
      for await (const { key } of store.list(options)) keys.push(key);
      return keys;
    };
    const contentOf = async (key: string): Promise<string> => (await readAll(store, key)).toString();

    test("an empty place lists nothing and has no objects", async () => {
      expect(await keysOf()).toEqual([]);
      expect(await store.stat("nothing/here")).toBeUndefined();
    });

    test("an object is replaced only where it is the version that is meant", async () => {
      await store.write("meant", text("first"));
      const { etag = "" } = (await store.stat("meant")) ?? {};
      expect(await store.write("meant", text("second"), { ifMatch: etag })).toEqual({ created: true });
      expect(await other.write("meant", text("third"), { ifMatch: etag })).toEqual({ created: false });
      expect(await store.write("nothing/meant", text("fourth"), { ifMatch: etag })).toEqual({
        created: false,
      });
      expect(await contentOf("meant")).toBe("second");
      expect(await store.stat("nothing/meant")).toBeUndefined();
    });

    test("an object comes back as it was written", async () => {
      const before = Date.now();
      const bytes = Buffer.from([...Array(256).keys()]);
      expect(await store.write("round/trip.bin", bytes)).toEqual({ created: true });
      const { body, ...info } = await other.read("round/trip.bin");
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      expect(Buffer.concat(chunks)).toEqual(bytes);
      expect(info).toMatchObject({ key: "round/trip.bin", size: 256, metadata: {} });
      expect(Math.abs(info.modified.getTime() - before)).toBeLessThan(5_000);
    });

    test("stat, read and list agree on an object's facts", async () => {
      await store.write("facts/one", text("12345"), { metadata: { rows: "5" } });
      const { body, metadata, ...info } = await store.read("facts/one");
      for await (const _ of body) break;
      expect(await store.stat("facts/one")).toEqual({ ...info, metadata });
      const listed = await Array.fromAsync(store.list({ prefix: "facts/" }));
      expect(listed).toHaveLength(1);
      // S3 lists dates to the millisecond and tells them to the second elsewhere.
      expect(listed[0]).toMatchObject({ key: "facts/one", size: 5, etag: info.etag });
    });

    test("an empty object is an object", async () => {
      await store.write("empty/bytes", new Uint8Array());
      await store.write("empty/stream", (async function* () {})());
      for (const key of ["empty/bytes", "empty/stream"]) {
        expect(await store.stat(key)).toMatchObject({ size: 0 });
        expect(await contentOf(key)).toBe("");
      }
    });

    // More than two parts of an upload.
    test("17 MB go through as a stream, and as one buffer", { timeout: SLOW_MS }, async () => {
      const bytes = randomBytes(17_000_000);
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < bytes.length; at += 99_991) yield bytes.subarray(at, at + 99_991);
      };
      await store.write("large/stream", chunks(), { metadata: { rows: "1" } });
      await store.write("large/buffer", bytes);
      for (const key of ["large/stream", "large/buffer"]) {
        expect((await readAll(store, key)).equals(bytes), key).toBe(true);
      }
      expect(await store.stat("large/stream")).toMatchObject({ size: 17_000_000, metadata: { rows: "1" } });
    });

    test("metadata keeps any text", async () => {
      const metadata = {
        source_key: "orders/dt=2026-01-31/Bestellungen März 100%+1.json",
        reasons: '{"négatif":1,"日本":2,"😀":3}',
        empty: "",
        blanks: "  two  ",
        lines: "one\r\ntwo\tthree",
        "with-dash": "a--b_c",
      };
      await store.write("meta/all", text("x"), { metadata, contentType: "text/csv; charset=utf-8" });
      expect((await other.stat("meta/all"))?.metadata).toEqual(metadata);
      const { body, metadata: read } = await other.read("meta/all");
      for await (const _ of body);
      expect(read).toEqual(metadata);
    });

    test("overwriting replaces bytes, metadata and ETag", async () => {
      await store.write("over/it", text("one"), { metadata: { version: "1" } });
      const first = await store.stat("over/it");
      expect(await store.write("over/it", text("two"), { metadata: { version: "2" } })).toEqual({
        created: true,
      });
      const second = await store.stat("over/it");
      expect(await contentOf("over/it")).toBe("two");
      expect(second?.metadata).toEqual({ version: "2" });
      expect(second?.etag).not.toBe(first?.etag);
      await store.write("over/it", text("two"));
      expect((await store.stat("over/it"))?.metadata).toEqual({});
    });

    test("a reader during overwrites sees one version whole, with its own metadata", async () => {
      const SIZE = 300_000;
      const versionOf = (n: number): [Uint8Array, { n: string }] => [Buffer.alloc(SIZE, n), { n: String(n) }];
      const put = async (n: number): Promise<void> => {
        const [bytes, metadata] = versionOf(n);
        await store.write("versions/hot", bytes, { metadata });
      };
      await put(1);
      let writing = true;
      const writer = (async () => {
        for (let n = 2; n < 20; n++) await put(n);
      })().finally(() => {
        writing = false;
      });
      let reads = 0;
      while (writing) {
        const { body, metadata } = await other.read("versions/hot");
        const bytes = Buffer.concat(await Array.fromAsync(body));
        expect(bytes.length).toBe(SIZE);
        expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
        expect(metadata.n).toBe(String(bytes[0]));
        reads++;
      }
      await writer;
      expect(reads).toBeGreaterThan(0);
    });

    test("create-only never touches what exists", async () => {
      const metadata = { writer: "first" };
      expect(await store.write("once/key", text("first"), { ifAbsent: true, metadata })).toEqual({
        created: true,
      });
      const before = await store.stat("once/key");
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        yield text("third");
      };
      const late = { ifAbsent: true, metadata: { writer: "late" } };
      expect(await other.write("once/key", text("other"), late)).toEqual({ created: false });
      expect(await other.write("once/key", chunks(), late)).toEqual({ created: false });
      expect(await store.stat("once/key")).toEqual(before);
      expect(await contentOf("once/key")).toBe("first");
      await store.delete("once/key");
      expect(await store.write("once/key", text("again"), { ifAbsent: true })).toEqual({ created: true });
      expect((await store.stat("once/key"))?.metadata).toEqual({});
    });

    test("of 20 racing creators one wins, and its bytes and metadata stay", {
      timeout: SLOW_MS,
    }, async () => {
      for (let round = 0; round < 2; round++) {
        const key = `race/${round}`;
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, async (_, i) => {
            const through = i % 2 === 0 ? store : other;
            const metadata = { writer: `w${i}` };
            const { created } = await through.write(key, text(`writer ${i}`), { ifAbsent: true, metadata });
            return { created, i };
          }),
        );
        const winners = outcomes.filter(({ created }) => created);
        expect(winners).toHaveLength(1);
        expect(await contentOf(key)).toBe(`writer ${winners[0]?.i}`);
        expect((await store.stat(key))?.metadata).toEqual({ writer: `w${winners[0]?.i}` });
      }
    });

    test("a large create-only loses and wins like a small one", { timeout: SLOW_MS }, async () => {
      const bytes = randomBytes(9_000_000);
      const write = (through: ObjectStore) =>
        through.write(
          "race/large",
          (async function* () {
            yield bytes;
          })(),
          { ifAbsent: true },
        );
      const outcomes = await Promise.all([write(store), write(other), write(store)]);
      expect(outcomes.filter(({ created }) => created)).toHaveLength(1);
      expect((await readAll(store, "race/large")).equals(bytes)).toBe(true);
    });

    test("what a body throws comes out as it is, and nothing is written", { timeout: SLOW_MS }, async () => {
      const failure = new Error("the source broke");
      for (const size of [1_000, 10_000_000]) {
        const chunks = async function* (): AsyncGenerator<Uint8Array> {
          yield Buffer.alloc(size);
          throw failure;
        };
        await expect(store.write("broken/body", chunks())).rejects.toBe(failure);
      }
      expect(await keysOf({ prefix: "broken/" })).toEqual([]);
    });

    test("a reader may stop early, many times over", { timeout: SLOW_MS }, async () => {
      await store.write("early/large", randomBytes(3_000_000));
      // More times than there are connections.
      for (let i = 0; i < 110; i++) {
        let bytes = 0;
        for await (const chunk of (await store.read("early/large")).body) {
          bytes += chunk.length;
          break;
        }
        expect(bytes).toBeGreaterThan(0);
      }
    });

    test("deleting removes the object with its metadata, and may be repeated", async () => {
      await store.write("gone/soon", text("x"), { metadata: { a: "b" } });
      await store.delete("gone/soon");
      await other.delete("gone/soon");
      await store.delete("gone/never/there");
      expect(await store.stat("gone/soon")).toBeUndefined();
      expect(await keysOf({ prefix: "gone/" })).toEqual([]);
      await store.write("gone/soon", text("x"));
      expect((await store.stat("gone/soon"))?.metadata).toEqual({});
    });

    test("reading what does not exist is object_missing", async () => {
      await expect(store.read("no/such/object")).rejects.toMatchObject({
        code: "object_missing",
        context: { key: "no/such/object" },
      });
    });

    test("keys that could leave the layer or mean another are refused", async () => {
      const invalid = ["", "/a", "a/", "/", ".", "..", "../a", "a/../b", "a/./b", "a/..", "a\0b", "a\ud800b"];
      for (const key of invalid) {
        const error = { code: "invalid_key" };
        await expect(store.write(key, text("x")), key).rejects.toMatchObject(error);
        await expect(store.read(key), key).rejects.toMatchObject(error);
        await expect(store.stat(key), key).rejects.toMatchObject(error);
        await expect(store.delete(key), key).rejects.toMatchObject(error);
      }
      expect(await keysOf({ prefix: "../" })).toEqual([]);
    });

    test("a listing is in the order of UTF-8 bytes, from any key on, whatever the keys", async () => {
      for (const key of TRICKY_KEYS) await store.write(`tricky/${key}`, text(key));
      const sorted = [...TRICKY_KEYS].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      const full = sorted.map((key) => `tricky/${key}`);
      expect(await keysOf({ prefix: "tricky/" })).toEqual(full);
      for (const key of full) expect(await contentOf(key)).toBe(key.slice("tricky/".length));
      for (const [i, key] of full.entries()) {
        expect(await keysOf({ prefix: "tricky/", startAfter: key })).toEqual(full.slice(i + 1));
      }
    });

    test("a prefix need not end at a slash, and start-after need not exist", async () => {
      const keys = ["p/orders/1", "p/orders/2", "p/orders-old/1", "p/ordersx", "p/other"];
      for (const key of keys) await store.write(key, text("x"));
      expect(await keysOf({ prefix: "p/orders" })).toEqual([
        "p/orders-old/1",
        "p/orders/1",
        "p/orders/2",
        "p/ordersx",
      ]);
      expect(await keysOf({ prefix: "p/orders/" })).toEqual(["p/orders/1", "p/orders/2"]);
      expect(await keysOf({ prefix: "p/orders/2" })).toEqual(["p/orders/2"]);
      expect(await keysOf({ prefix: "p/none" })).toEqual([]);
      expect(await keysOf({ prefix: "p/orders/1/deeper" })).toEqual([]);
      expect(await keysOf({ prefix: "p/", startAfter: "p/orders/1x" })).toEqual([
        "p/orders/2",
        "p/ordersx",
        "p/other",
      ]);
      expect(await keysOf({ prefix: "p/", startAfter: "p/orders" })).toHaveLength(5);
      expect(await keysOf({ prefix: "p/", startAfter: "p/orders/" })).toHaveLength(4);
      expect(await keysOf({ prefix: "p/", startAfter: "a" })).toHaveLength(5);
      expect(await keysOf({ prefix: "p/", startAfter: "q" })).toEqual([]);
      const everything = await keysOf();
      expect(everything).toEqual([...everything].sort(compareKeys));
    });

    test("1,010 objects are all listed, once each", { timeout: SLOW_MS }, async () => {
      const keys = Array.from({ length: 1_010 }, (_, i) => `many/${String(i).padStart(4, "0")}`);
      for (let at = 0; at < keys.length; at += 25) {
        await Promise.all(keys.slice(at, at + 25).map((key) => store.write(key, text(key))));
      }
      expect(await keysOf({ prefix: "many/" })).toEqual(keys);
      expect(await keysOf({ prefix: "many/", startAfter: "many/0049" })).toEqual(keys.slice(50));
      const others = (await keysOf()).filter((key) => !key.startsWith("many/"));
      expect(others.some((key) => key > "many/")).toBe(true);
      expect(await keysOf({ without: ["many/", "none/"] })).toEqual(others);
      expect(await keysOf({ prefix: "many/", without: ["many/"] })).toEqual([]);
      const first: string[] = [];
      for await (const { key } of store.list({ prefix: "many/" })) {
        first.push(key);
        if (first.length === 3) break;
      }
      expect(first).toEqual(keys.slice(0, 3));
    });
  });
}
