import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readCsv, readRecords } from "../src/index.ts";
import { KNOWN_FIELDS } from "./reading.ts";

const options = { name: "clicks.txt", knownFields: KNOWN_FIELDS };
const LINES = '{"id":1}\n'.repeat(20_000);

/** A source that counts what is asked of it. */
class Source implements AsyncIterable<Uint8Array> {
  pulled = 0;
  returned = false;
  readonly #bytes: Buffer;
  readonly #failure: { after: number; error: unknown } | undefined;

  constructor(content: string | Buffer, failure?: { after: number; error: unknown }) {
    this.#bytes = Buffer.from(content);
    this.#failure = failure;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        if (this.#failure?.after === this.pulled) throw this.#failure.error;
        const value = this.#bytes.subarray(this.pulled * 1000, ++this.pulled * 1000);
        return value.length > 0 ? { done: false, value } : { done: true, value: undefined };
      },
      return: async () => {
        this.returned = true;
        return { done: true, value: undefined };
      },
    };
  }
}

describe.each([
  ["plain", Buffer.from(LINES)],
  ["gzip", gzipSync(LINES, { level: 0 })],
])("a %s body", (_title, content) => {
  it.each([0, 1, 3, 100])("that fails after %i chunks lets its error through unchanged", async (after) => {
    const error = new Error("the storage is gone");
    const source = new Source(content, { after, error });
    const read = async () => {
      for await (const _batch of readRecords(source, options));
    };
    await expect(read()).rejects.toBe(error);
  });

  it("is ended when the reader of records stops early", async () => {
    const source = new Source(content);
    for await (const _batch of readRecords(source, options)) break;
    expect(source.returned).toBe(true);
    expect(source.pulled).toBeLessThan(100);
  });

  it("is read only as far as records are asked for", async () => {
    const source = new Source(content);
    const records = readRecords(source, options);
    await records.next();
    const { pulled } = source;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(source.pulled).toBe(pulled);
    await records.return();
    expect(source.returned).toBe(true);
  });
});

describe("a body", () => {
  it("that is unreadable is not read to its end", async () => {
    const source = new Source("prose ".repeat(100_000));
    for await (const _batch of readRecords(source, options));
    expect(source.returned).toBe(true);
    expect(source.pulled).toBeLessThan(100);
  });

  it("may have empty chunks", async () => {
    async function* body() {
      for (const text of ["", "", '{"id"', "", ":1}", ""]) yield Buffer.from(text);
    }
    const batches = await Array.fromAsync(readRecords(body(), options));
    expect(batches).toEqual([[{ raw: '{"id":1}', place: { line: 1 }, fields: { id: 1 } }]]);
  });

  it("of silver that fails lets its error through unchanged", async () => {
    const error = new Error("the storage is gone");
    const rows = readCsv(new Source("a,b\n1,2\n".repeat(1000), { after: 0, error }), ["a", "b"]);
    await expect(rows.next()).rejects.toBe(error);
  });

  it("in one chunk is given in batches of a bounded size", async () => {
    const body = new Source(LINES.repeat(10));
    async function* whole() {
      yield Buffer.concat(await Array.fromAsync(body));
    }
    const sizes = (await Array.fromAsync(readRecords(whole(), options))).map((batch) => batch.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(200_000);
    expect(Math.max(...sizes)).toBeLessThan(60_000);
  });
});
