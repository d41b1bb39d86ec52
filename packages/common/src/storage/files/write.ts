import { createHash } from "node:crypto";
import { type FileHandle, link, lstat, mkdir, open, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { invalidKey } from "../keys.ts";
import type { ObjectMetadata } from "../object-store.ts";
import { errnoOf, type FileAction, guarded, ifPresent } from "./errors.ts";
import { aloneOnMachine } from "./lock.ts";
import { addMetadata, etagOf, type FileVersion, removeMetadata, sameVersion } from "./metadata.ts";
import { temporaryPath } from "./names.ts";

/** An object's bytes, on disk but not visible yet. */
export interface WrittenFile {
  temporary: string;
  version: FileVersion;
  /** Hexadecimal; empty where nobody asked for it. */
  sha256: string;
  key: string;
}

export interface Publication {
  target: string;
  written: WrittenFile;
  metadata: ObjectMetadata;
  ifAbsent: boolean;
  /** The ETag of the only file whose place may be taken. */
  ifMatch: string | undefined;
}

/** Writes a body whole and safe on disk, beside its target. Leaves nothing behind where that fails. */
export async function writeTemporary(
  target: string,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  hashed: boolean,
  action: FileAction & { key: string },
): Promise<WrittenFile> {
  const temporary = temporaryPath(target);
  const handle = await guarded(action, openTemporary(temporary));
  try {
    const hash = hashed ? createHash("sha256") : undefined;
    let writing = Promise.resolve();
    // The next chunk is made and hashed while the last one is written.
    const append = async (chunk: Uint8Array): Promise<void> => {
      hash?.update(chunk);
      await writing;
      writing = guarded(action, handle.writeFile(chunk));
      writing.catch(() => undefined);
    };
    try {
      try {
        if (body instanceof Uint8Array) await append(body);
        else for await (const chunk of body) await append(chunk);
      } catch (error) {
        await writing.catch(() => undefined);
        throw error;
      }
      await writing;
      await guarded(action, handle.datasync());
      const version = await guarded(action, handle.stat({ bigint: true }));
      return { temporary, version, sha256: hash?.digest("hex") ?? "", key: action.key };
    } finally {
      await handle.close();
    }
  } catch (error) {
    await removeQuietly(temporary);
    throw error;
  }
}

/**
 * Makes a written file visible as `target`, with its metadata. To be called by one writer of a process at a time.
 *
 * @returns false where `ifAbsent` was asked for and something is there, or `ifMatch` and something else is
 */
export async function publish(publication: Publication): Promise<boolean> {
  const { target, written, metadata, ifAbsent, ifMatch } = publication;
  const current = await ifPresent(lstat(target, { bigint: true }));
  if (current?.isDirectory()) throw invalidKey(written.key, "there is a folder of this name");
  if (ifAbsent && current) return false;
  if (ifMatch !== undefined && (await etagAt(target)) !== ifMatch) return false;
  const version = current ? await distinct(written, current) : written.version;
  const { temporary, sha256 } = written;
  if (Object.keys(metadata).length === 0) {
    const isPublished = await place(temporary, target, ifAbsent);
    if (isPublished) await removeMetadata(target);
    return isPublished;
  }
  return await aloneOnMachine(target, async () => {
    if (ifAbsent && (await ifPresent(lstat(target)))) return false;
    // First, so that it is there when the object is. The side file describes the old object and the new one, each by
    // its version: whoever reads in between, or after a kill, finds what belongs to the one that is there.
    await addMetadata(target, version, sha256, metadata);
    return await place(temporary, target, ifAbsent);
  });
}

/** The ETag of a file, or of the one that a link leads to. */
async function etagAt(target: string): Promise<string | undefined> {
  const current = await ifPresent(stat(target, { bigint: true }));
  return current && etagOf(current);
}

export async function removeQuietly(file: string): Promise<void> {
  // What cannot be removed is invisible, and goes with the stale ones.
  await rm(file, { force: true }).catch(() => undefined);
}

async function openTemporary(temporary: string): Promise<FileHandle> {
  try {
    return await open(temporary, "wx");
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    await mkdir(path.dirname(temporary), { recursive: true });
    return await open(temporary, "wx");
  }
}

/**
 * System clocks for files tick every few milliseconds: two versions of the same size written within one tick would
 * look the same to readers.
 */
async function distinct({ temporary, version }: WrittenFile, current: FileVersion): Promise<FileVersion> {
  if (!sameVersion(version, current)) return version;
  const seconds = Number(version.mtimeNs / 1_000_000n + 1n) / 1000;
  await utimes(temporary, seconds, seconds);
  return await stat(temporary, { bigint: true });
}

async function place(temporary: string, target: string, ifAbsent: boolean): Promise<boolean> {
  if (!ifAbsent) {
    await rename(temporary, target);
    return true;
  }
  try {
    await link(temporary, target);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
}
