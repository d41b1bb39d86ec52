import { createHash, randomBytes } from "node:crypto";
import path from "node:path";
import { checkKey, invalidKey } from "../keys.ts";

/** Names that a folder store keeps for itself: objects being written, and metadata beside its object. */
const TEMPORARY = /^\.ingot-tmp-[0-9a-f]{16}$/;
const SIDE_FILE = /^\.ingot-meta-[0-9a-f]{24}\.json$/;

export const isTemporaryName = (name: string): boolean => TEMPORARY.test(name);
export const isReservedName = (name: string): boolean => TEMPORARY.test(name) || SIDE_FILE.test(name);

export const isObjectName = (name: string): boolean => !isReservedName(name);

/** A new name in the folder of `target`, on the same file system, so that it can be renamed to it. */
export function temporaryPath(target: string): string {
  return path.join(path.dirname(target), `.ingot-tmp-${randomBytes(8).toString("hex")}`);
}

/** Where an object's metadata lies. A hash, because an object's name may be as long as the file system allows. */
export function sideFilePath(target: string): string {
  const hash = createHash("sha256").update(path.basename(target)).digest("hex").slice(0, 24);
  return path.join(path.dirname(target), `.ingot-meta-${hash}.json`);
}

/**
 * The file of a key.
 *
 * @throws IngotError `invalid_key` for keys that a folder cannot hold
 */
export function keyPath(root: string, key: string): string {
  checkKey(key);
  if (key.includes("\\")) throw invalidKey(key, "it has a backslash, which some systems take for a slash");
  const segments = key.split("/");
  if (segments.includes("")) throw invalidKey(key, "it has an empty segment");
  if (segments.some(isReservedName)) throw invalidKey(key, "Ingot keeps such names for itself");
  return path.join(root, ...segments);
}
