import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

/** What fetched objects may take on disk; beyond it, what was not used for longest goes. */
export const CACHE_BYTES = 4 * 1024 ** 3;

/**
 * Where objects of an S3 lake are kept between two queries: in the user's own cache, under a name that each object's
 * version has for itself.
 *
 * @param fallback used where there is no such place: a container has no home, or may not write
 */
export async function cacheFolder(fallback: string): Promise<string> {
  const home = homedir();
  const caches: Partial<Record<NodeJS.Platform, string>> = {
    darwin: path.join(home, "Library", "Caches"),
    win32: path.join(home, "AppData", "Local"),
  };
  const folder = path.join(caches[process.platform] ?? path.join(home, ".cache"), "ingot", "objects");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  } catch {
    return fallback;
  }
}
