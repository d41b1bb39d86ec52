import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Spool } from "../src/spool.ts";

const MB = 1024 * 1024;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "spool-test-"));
  for (const name of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(name, folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes in use, in buffers and elsewhere. */
function memoryInUse(): number {
  // The first pass only begins to free buffers.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function contents(spool: Spool): string[] {
  const texts = [...spool.texts()].map((text) => text.toString("utf8"));
  const { bytes, ends } = spool.join();
  const joined = ends.map((end, index) => bytes.toString("utf8", ends[index - 1] ?? 0, end));
  if (joined.join() !== texts.join()) expect(joined).toEqual(texts);
  return texts;
}

function spoolOf(texts: readonly string[], memoryBytes: number): Spool {
  const spool = new Spool(memoryBytes);
  for (const text of texts) spool.add(Buffer.from(text));
  return spool;
}

describe("a spool", () => {
  test("gives texts of any size back in their order, whether they are in memory or on disk", () => {
    const size = fc.oneof(fc.nat(20), fc.nat(2000), fc.nat(150_000));
    const text = fc
      .tuple(fc.constantFrom("a", "é", "€", "😀", "\n\0,"), size)
      .map(([unit, length]) => unit.repeat(length / unit.length));
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 40, size: "max" }),
        fc.constantFrom(0, 100_000, 16 * MB),
        (texts, memoryBytes) => {
          const spool = spoolOf(texts, memoryBytes);
          try {
            expect(spool.count).toBe(texts.length);
            expect(contents(spool)).toEqual(texts);
          } finally {
            spool.close();
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test("gives many small texts back that lie across the blocks it reads", () => {
    const texts = Array.from({ length: 300_000 }, (_, index) => `row ${index}`);
    const spool = spoolOf(texts, 0);
    expect(contents(spool)).toEqual(texts);
    spool.close();
  });

  test("takes a text that is longer than its blocks", () => {
    const texts = ["first", "€".repeat(MB), "", "x".repeat(3 * MB), "last"];
    const spool = spoolOf(texts, 0);
    expect(contents(spool)).toEqual(texts);
    spool.close();
  });

  test("can be read more than once, and added to in between", () => {
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(50_000));
    const spool = spoolOf(texts, 0);
    expect(contents(spool)).toEqual(texts);
    spool.add(Buffer.from("one more"));
    expect(contents(spool)).toEqual([...texts, "one more"]);
    spool.close();
  });

  test("that is empty has no texts", () => {
    expect(contents(new Spool(0))).toEqual([]);
  });

  test("keeps memory bounded for 100 MB, and leaves no file behind", () => {
    const text = Buffer.from("x".repeat(100_000));
    const before = memoryInUse();
    let most = 0;
    const spool = new Spool(8 * MB);
    for (let added = 0; added < 1_000; added += 1) {
      spool.add(text);
      if (added % 200 === 0) most = Math.max(most, memoryInUse() - before);
    }
    expect(readdirSync(folder), "the file has no name that could outlive the process").toEqual([]);
    let [texts, bytes] = [0, 0];
    for (const { length } of spool.texts()) {
      texts += 1;
      bytes += length;
      if (texts % 200 === 0) most = Math.max(most, memoryInUse() - before);
    }
    spool.close();
    expect({ texts, bytes }).toEqual({ texts: 1_000, bytes: 100_000_000 });
    expect(most).toBeLessThan(32 * MB);
  });

  test("gives its memory back when it is closed", () => {
    const before = memoryInUse();
    const spool = new Spool(64 * MB);
    for (let added = 0; added < 400; added += 1) spool.add(Buffer.from("x".repeat(100_000)));
    expect(memoryInUse() - before).toBeGreaterThan(38 * MB);
    spool.close();
    expect(memoryInUse() - before).toBeLessThan(8 * MB);
    expect(spool.count, "and is still referred to").toBe(400);
  });
});
