import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { IngotError } from "../errors.ts";
import type { ListOptions, ObjectInfo, ObjectMetadata, ObjectStat, ObjectStore, StoredObject, WriteOptions } from "./object-store.ts";

const isCode = (e: unknown, ...codes: string[]) => codes.includes((e as NodeJS.ErrnoException)?.code ?? "");
const hidden = (n: string) => n.startsWith(".ingot-");

export class FileStore implements ObjectStore {
  readonly url: string; readonly settleMs = 300; readonly #root: string;
  constructor(root: string) { this.#root = path.resolve(root); this.url = pathToFileURL(this.#root).href; }
  #path(key: string) { return path.join(this.#root, ...key.split("/")); }
  #meta(file: string) { return path.join(path.dirname(file), `.ingot-meta-${createHash("sha256").update(path.basename(file)).digest("hex").slice(0, 24)}.json`); }
  async *list({ prefix = "", startAfter = "" }: ListOptions = {}): AsyncIterable<ObjectInfo> {
    for await (const info of this.#walk("")) if (info.key.startsWith(prefix) && info.key > startAfter) yield info;
  }
  async *#walk(folder: string): AsyncIterable<ObjectInfo> {
    let entries; try { entries = await readdir(path.join(this.#root, folder), { withFileTypes: true }); } catch (e) { if (isCode(e, "ENOENT")) return; throw e; }
    const sorted = entries.map((e) => ({ e, n: e.name + (e.isDirectory() ? "/" : "") })).sort((a, b) => Buffer.compare(Buffer.from(a.n), Buffer.from(b.n)));
    for (const { e, n } of sorted) {
      if (hidden(e.name)) continue;
      if (e.isDirectory()) yield* this.#walk(folder + n);
      else { const s = await this.#info(folder + n); if (s) yield s; }
    }
  }
  async #info(key: string): Promise<ObjectInfo | undefined> {
    try { const s = await stat(this.#path(key), { bigint: true }); if (!s.isFile()) return undefined;
      return { key, size: Number(s.size), etag: `${s.size.toString(16)}-${s.mtimeNs.toString(16)}`, modified: s.mtime }; }
    catch (e) { if (isCode(e, "ENOENT", "ENOTDIR")) return undefined; throw e; }
  }
  async stat(key: string): Promise<ObjectStat | undefined> {
    const i = await this.#info(key); if (!i) return undefined;
    let metadata: ObjectMetadata = {}; try { metadata = JSON.parse(await readFile(this.#meta(this.#path(key)), "utf8")); } catch {}
    return { ...i, metadata };
  }
  async read(key: string): Promise<StoredObject> {
    const s = await this.stat(key); if (!s) throw new IngotError("object_missing", `${key} is missing`);
    const file = this.#path(key);
    return { ...s, body: (async function* () { const h = await open(file); try { for await (const c of h.createReadStream({ highWaterMark: 1 << 18, autoClose: false })) yield c as Uint8Array; } finally { await h.close(); } })() };
  }
  async write(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, o: WriteOptions = {}): Promise<{ created: boolean }> {
    const file = this.#path(key); await mkdir(path.dirname(file), { recursive: true });
    const tmp = path.join(path.dirname(file), `.ingot-tmp-${randomUUID()}`);
    const h = await open(tmp, "wx"); try { if (body instanceof Uint8Array) await h.writeFile(body); else for await (const c of body) await h.writeFile(c); await h.datasync(); } finally { await h.close(); }
    try {
      if (o.metadata) { const m = `${tmp}m`; const mh = await open(m, "wx"); await mh.writeFile(JSON.stringify(o.metadata)); await mh.close(); await rename(m, this.#meta(file)); }
      if (o.ifAbsent) { try { await link(tmp, file); return { created: true }; } catch (e) { if (isCode(e, "EEXIST")) return { created: false }; throw e; } finally { await rm(tmp, { force: true }); } }
      await rename(tmp, file); return { created: true };
    } catch (e) { await rm(tmp, { force: true }); throw e; }
  }
  async delete(key: string): Promise<void> { await rm(this.#path(key), { force: true }); await rm(this.#meta(this.#path(key)), { force: true }); }
}
