import { IngotError, messageOf } from "../../errors.ts";
import { invalidKey } from "../keys.ts";

/** What somebody was doing to which file when the system refused. */
export interface FileAction {
  /** As it stands after "Cannot": `read`, `list`. */
  verb: string;
  path: string;
  key?: string;
}

const DENIED = "Give the user that runs Ingot access to it";

/** What to do about a system error. Codes that are not here come from storage that is out of order. */
const DENIED_HINTS: Readonly<Record<string, string>> = {
  EACCES: `${DENIED}.`,
  EPERM: `${DENIED} (a file system without hard links, such as exFAT, cannot hold a lake).`,
  EROFS: "The file system is mounted read-only: mount it for writing or choose another LAKE_URL.",
  ENOTSUP: "This file system lacks what a lake needs (hard links): choose another LAKE_URL.",
  ENOSYS: "This file system lacks what a lake needs (hard links): choose another LAKE_URL.",
};

const UNAVAILABLE_HINTS: Readonly<Record<string, string>> = {
  ENOSPC: "The disk is full: free some space.",
  EDQUOT: "The disk quota is used up: free some space.",
  EMFILE: "Too many files are open: raise the limit (ulimit -n) or lower the concurrency.",
  ENFILE: "Too many files are open on this machine.",
  ENOENT: "Its folder vanished in the meantime: check the disk or its mount.",
  ESTALE: "The network drive has lost the file: check that it is mounted.",
};

const INVALID_NAMES: Readonly<Record<string, string>> = {
  ENAMETOOLONG: "it is longer than the file system allows",
  EILSEQ: "the file system does not take its characters",
  EINVAL: "the file system does not take its characters",
  EISDIR: "there is a folder of this name",
  ENOTEMPTY: "there is a folder of this name",
  ENOTDIR: "a file stands where it needs a folder",
  EEXIST: "a file stands where it needs a folder",
};

/** The system's error code, such as `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** The product's error for a system error. */
export function fileError(error: unknown, { verb, path, key }: FileAction): IngotError {
  if (error instanceof IngotError) return error;
  const code = errnoOf(error) ?? messageOf(error);
  const invalid = INVALID_NAMES[code];
  if (invalid !== undefined && key !== undefined) return invalidKey(key, invalid, error);
  const options = { cause: error, context: key === undefined ? {} : { key } };
  const what = `Cannot ${verb} ${path}: ${code}.`;
  const denied = DENIED_HINTS[code];
  if (denied !== undefined) return new IngotError("storage_denied", `${what} ${denied}`, options);
  const hint = UNAVAILABLE_HINTS[code] ?? "The storage does not work right now: check the disk or its mount.";
  return new IngotError("storage_unavailable", `${what} ${hint}`, options);
}

/** Awaits a file operation; what it throws becomes the product's error. */
export async function guarded<T>(action: FileAction, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw fileError(error, action);
  }
}

const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/** Awaits a file operation; `undefined` where there is no such file. */
export async function ifPresent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const code = errnoOf(error);
    if (code !== undefined && ABSENT.has(code)) return undefined;
    throw error;
  }
}
