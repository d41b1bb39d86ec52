import { existsSync } from "node:fs";
import { access, constants, statfs } from "node:fs/promises";
import path from "node:path";

const NETWORK_FILE_SYSTEMS: Readonly<Record<number, string>> = {
  26985: "NFS",
  4283649346: "CIFS",
  4266872130: "SMB",
  20859: "SMB",
  16914839: "9P",
};

/** The folder itself, or the nearest one above it that is there. */
export function nearestExisting(folder: string): string {
  let found = path.resolve(folder);
  while (!existsSync(found) && path.dirname(found) !== found) found = path.dirname(found);
  return found;
}

/** True where this user may make files there. */
export async function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Bytes that this user may still write, and the kind of network file system, if it is one. */
export async function diskOf(folder: string): Promise<{ freeBytes: number; network: string | undefined }> {
  const { bavail, bsize, type } = await statfs(folder);
  return { freeBytes: bavail * bsize, network: NETWORK_FILE_SYSTEMS[type] };
}

/** Such as `1.5 GB`. */
export function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
