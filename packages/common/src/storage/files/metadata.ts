import { createHash } from "node:crypto";
import { type FileHandle, lstat, open, readFile, rename, rm, unlink } from "node:fs/promises";
import path from "node:path";
import type { ObjectMetadata } from "../object-store.ts";
import { ifPresent } from "./errors.ts";
import { sideFilePath, temporaryPath } from "./names.ts";

/** What tells one version of a file from another. */
export interface FileVersion {
  /** Bytes. */
  size: bigint;
  /** Last modification, nanoseconds since 1970. */
  mtimeNs: bigint;
  ino: bigint;
}

/** The metadata of one version of an object. */
interface SideEntry {
  size: string;
  mtimeNs: string;
  /** File system clocks are coarse: two processes can write files of the same size and time. */
  ino: string;
  sha256: string;
  metadata: ObjectMetadata;
}

interface SideFile {
  /** The object's base name, for people. */
  object: string;
  /** Newest first. */
  versions: SideEntry[];
}

/** The new one, the old object's until the new one takes its place, and some for readers that are a little behind. */
const VERSIONS_KEPT = 4;

/** A text that differs for different versions of a file. */
export const etagOf = ({ size, mtimeNs }: FileVersion): string =>
  `${size.toString(36)}-${mtimeNs.toString(36)}`;

export const sameVersion = (a: FileVersion, b: FileVersion): boolean =>
  a.size === b.size && a.mtimeNs === b.mtimeNs;

/**
 * The metadata that belongs to the file behind `handle`. A side file says which version it describes: by size,
 * modification time and inode, or, where the lake was copied, by size and content. Anything else (a file that
 * somebody edited or replaced by hand) has none.
 */
export async function readMetadata(
  target: string,
  version: FileVersion,
  openObject: () => Promise<FileHandle | undefined>,
): Promise<ObjectMetadata> {
  const versions = await readVersions(target);
  const candidates = versions.filter((entry) => entry.size === String(version.size));
  const exact = candidates.find((entry) => isOf(entry, version));
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
  version: FileVersion,
  sha256: string,
  metadata: ObjectMetadata,
): Promise<void> {
  const added: SideEntry = {
    size: String(version.size),
    mtimeNs: String(version.mtimeNs),
    ino: String(version.ino),
    sha256,
    metadata,
  };
  const versions = [added, ...(await versionsBefore(target))].slice(0, VERSIONS_KEPT);
  const content: SideFile = { object: path.basename(target), versions };
  await replaceFile(sideFilePath(target), JSON.stringify(content));
}

/** The versions known so far, that of the object which is there now first: writers that were killed left theirs too. */
async function versionsBefore(target: string): Promise<SideEntry[]> {
  const versions = await readVersions(target);
  const current = await ifPresent(lstat(target, { bigint: true }));
  const rank = (entry: SideEntry): number => {
    if (!current || entry.size !== String(current.size)) return 2;
    return isOf(entry, current) ? 0 : 1;
  };
  return versions.sort((a, b) => rank(a) - rank(b));
}

export async function removeMetadata(target: string): Promise<void> {
  await ifPresent(unlink(sideFilePath(target)));
}

function isOf(entry: SideEntry, { size, mtimeNs, ino }: FileVersion): boolean {
  return entry.size === String(size) && entry.mtimeNs === String(mtimeNs) && entry.ino === String(ino);
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
