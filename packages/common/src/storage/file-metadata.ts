import { createHash } from "node:crypto";
import { type FileHandle, open, readFile, rename, rm, unlink } from "node:fs/promises";
import { ifPresent } from "./file-errors.ts";
import { sideFilePath, temporaryPath } from "./file-names.ts";
import type { ObjectMetadata } from "./object-store.ts";

/** What tells one version of a file from another. */
export interface FileVersion {
  /** Bytes. */
  size: bigint;
  /** Last modification, nanoseconds since 1970. */
  mtimeNs: bigint;
}

/** The metadata of one version of an object. */
interface SideEntry {
  size: string;
  mtimeNs: string;
  sha256: string;
  metadata: ObjectMetadata;
}

interface SideFile {
  /** The object's base name, for people. */
  object: string;
  /** Newest first. */
  versions: SideEntry[];
}

/**
 * A writer adds its entry before its object becomes visible, and the old object needs its own until then. The rest
 * is for writers of the same object in several processes.
 */
const VERSIONS_KEPT = 4;

export const sameVersion = (a: FileVersion, b: FileVersion): boolean =>
  a.size === b.size && a.mtimeNs === b.mtimeNs;

/**
 * The metadata that belongs to the file behind `handle`. A side file says which version it describes: by size and
 * modification time, or, where a copy of the lake has lost the times, by size and content. Anything else (a file that
 * somebody edited or replaced by hand) has none.
 */
export async function readMetadata(
  target: string,
  version: FileVersion,
  openObject: () => Promise<FileHandle | undefined>,
): Promise<ObjectMetadata> {
  const versions = await readVersions(target);
  const candidates = versions.filter((entry) => entry.size === String(version.size));
  const exact = candidates.find((entry) => entry.mtimeNs === String(version.mtimeNs));
  if (exact) return exact.metadata;
  if (candidates.length === 0) return {};
  const handle = await openObject();
  if (!handle) return {};
  try {
    if (!sameVersion(await handle.stat({ bigint: true }), version)) return {};
    const sha256 = await hashOf(handle);
    return candidates.find((entry) => entry.sha256 === sha256)?.metadata ?? {};
  } finally {
    await handle.close();
  }
}

/** Adds the metadata of a version that is about to become visible as `target`. */
export async function addMetadata(
  target: string,
  base: string,
  entry: FileVersion & { sha256: string; metadata: ObjectMetadata },
): Promise<void> {
  const { sha256, metadata } = entry;
  const added: SideEntry = {
    size: String(entry.size),
    mtimeNs: String(entry.mtimeNs),
    sha256,
    metadata,
  };
  const others = (await readVersions(target)).filter((other) => !isSame(other, added));
  const content: SideFile = { object: base, versions: [added, ...others].slice(0, VERSIONS_KEPT) };
  await replaceFile(sideFilePath(target), JSON.stringify(content));
}

/** True where the side file still has this version: another process may have written its own over it. */
export async function hasMetadata(target: string, version: FileVersion): Promise<boolean> {
  const wanted = { size: String(version.size), mtimeNs: String(version.mtimeNs) };
  return (await readVersions(target)).some((entry) => isSame(entry, wanted));
}

export async function removeMetadata(target: string): Promise<void> {
  await ifPresent(unlink(sideFilePath(target)));
}

function isSame(a: Pick<SideEntry, "size" | "mtimeNs">, b: Pick<SideEntry, "size" | "mtimeNs">): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs;
}

async function readVersions(target: string): Promise<SideEntry[]> {
  const text = await ifPresent(readFile(sideFilePath(target), "utf8"));
  if (text === undefined) return [];
  try {
    const { versions } = JSON.parse(text) as Partial<SideFile>;
    return Array.isArray(versions) ? versions.filter(isEntry) : [];
  } catch {
    // Not ours any more: somebody edited it.
    return [];
  }
}

function isEntry(value: unknown): value is SideEntry {
  const entry = value as Partial<SideEntry> | null;
  return typeof entry?.size === "string" && typeof entry.metadata === "object" && entry.metadata !== null;
}

async function hashOf(handle: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) hash.update(chunk);
  return hash.digest("hex");
}

async function replaceFile(file: string, content: string): Promise<void> {
  const temporary = temporaryPath(file);
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(content);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
