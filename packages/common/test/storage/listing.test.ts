import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FileStore } from "../../src/storage/files/store.ts";
import { compareKeys } from "../../src/storage/object-store.ts";

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

test("keys compare as their UTF-8 bytes do", () => {
  const unit = fc.constantFrom(
    "a",
    "/",
    "-",
    "\u00e9",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\u{10000}",
    "\u{1f600}",
  );
  const key = fc.oneof(fc.string({ unit, maxLength: 5 }), fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(key, key, (a, b) => Math.sign(compareKeys(a, b)) === Math.sign(byBytes(a, b))),
    { numRuns: 2_000 },
  );
});

test("any folder lists as its sorted keys would, for any prefix and start", { timeout: 60_000 }, async () => {
  const name = fc.string({
    unit: fc.constantFrom("a", "b", "-", "0", "\uffee", "\u{1f600}"),
    minLength: 1,
    maxLength: 3,
  });
  const key = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
  const bound = fc.string({ unit: fc.constantFrom("a", "b", "-", "0", "/", "\uffee"), maxLength: 4 });
  const folder = fc.array(name, { minLength: 1, maxLength: 2 }).map((names) => `${names.join("/")}/`);
  const given = fc.record({
    keys: fc.uniqueArray(key, { maxLength: 20 }),
    prefix: bound,
    startAfter: bound,
    without: fc.array(folder, { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ keys, prefix, startAfter, without }) => {
      // A file cannot be another one's folder.
      const possible = keys.filter((one) => !keys.some((other) => other.startsWith(`${one}/`)));
      const root = await mkdtemp(path.join(tmpdir(), "ingot-listing-"));
      try {
        const store = new FileStore(root);
        for (const one of possible) await store.write(one, Buffer.from("x"));
        const listed = await Array.fromAsync(store.list({ prefix, startAfter, without }));
        const expected = possible.filter(
          (one) =>
            one.startsWith(prefix) &&
            byBytes(one, startAfter) > 0 &&
            !without.some((left) => one.startsWith(left)),
        );
        expect(listed.map((info) => info.key)).toEqual(expected.sort(byBytes));
      } finally {
        await rm(root, { recursive: true });
      }
    }),
    { numRuns: 60 },
  );
});
