import { compareKeys, IngotError, type ObjectStore } from "@ingot/common";

/** A layer in memory. `denyReads` makes it one that its user may write but not read. */
export class MemoryStore implements ObjectStore {
  readonly url = "memory:///bronze";
  readonly settleMs = 0;
  readonly objects = new Map<string, Buffer>();
  denyReads = false;
  /** The next writes that fail. */
  failingWrites = 0;

  async *list({ prefix = "", startAfter = "" } = {}) {
    for (const key of this.keys()) {
      if (!key.startsWith(prefix) || compareKeys(key, startAfter) <= 0) continue;
      yield { key, size: this.objects.get(key)!.length, etag: "", modified: new Date(0) };
    }
  }

  async stat(key: string) {
    const bytes = this.objects.get(key);
    return bytes && { key, size: bytes.length, etag: "", modified: new Date(0), metadata: {} };
  }

  async read(key: string) {
    if (this.denyReads) throw new IngotError("storage_denied", "reading is not allowed");
    const stat = await this.stat(key);
    if (!stat) throw new IngotError("object_missing", `no object ${key}`);
    const bytes = this.objects.get(key)!;
    return {
      ...stat,
      body: (async function* () {
        yield bytes;
      })(),
    };
  }

  async write(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: { ifAbsent?: boolean } = {},
  ) {
    if (this.failingWrites > 0) {
      this.failingWrites -= 1;
      throw new IngotError("storage_unavailable", "no answer");
    }
    if (options.ifAbsent && this.objects.has(key)) return { created: false };
    const chunks: Uint8Array[] = [];
    if (body instanceof Uint8Array) chunks.push(body);
    else for await (const chunk of body) chunks.push(chunk);
    this.objects.set(key, Buffer.concat(chunks));
    return { created: true };
  }

  async delete(key: string) {
    this.objects.delete(key);
  }

  keys(): string[] {
    return [...this.objects.keys()].sort(compareKeys);
  }
}
