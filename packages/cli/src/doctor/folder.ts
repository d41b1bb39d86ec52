import { randomBytes } from "node:crypto";
import { link, open, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { LAYERS, type LakeLocation } from "@ingot/common";
import { clockFinding } from "./clock.ts";
import { diskOf, isWritable, nearestExisting, size } from "./disk.ts";
import { type Finding, failed, fine, notChecked, warning } from "./finding.ts";

const LITTLE_BYTES = 1e9;
const TOO_LITTLE_BYTES = 50e6;

/** A folder lake: whether it can be written, keeps what Ingot relies upon, and has space. */
export async function checkFolderLake({ url, buckets }: LakeLocation, now: () => Date): Promise<Finding[]> {
  const root = fileURLToPath(url);
  const existing = nearestExisting(root);
  const findings = [await folderFinding(root, existing)];
  if (findings[0]!.status === "failed") {
    const rest = ["disk", "conditional_create", "clock"] as const;
    return [...findings, ...rest.map((check) => notChecked(check, "", "the folder cannot be used"))];
  }
  const layers = LAYERS.map((layer) => path.join(root, buckets[layer]));
  for (const layer of layers) findings.push(...(await closedFolders(layer)));
  findings.push(await spaceFinding(existing));
  findings.push(...(await tryFiles(existing, now)));
  return findings;
}

async function folderFinding(root: string, existing: string): Promise<Finding> {
  if (!(await stat(existing)).isDirectory()) {
    const remedy = "Move that file away, or choose another LAKE_URL.";
    return failed("folder", root, `${existing} is a file where the lake needs a folder.`, remedy);
  }
  if (!(await isWritable(existing))) {
    const what = existing === root ? "may not be read and written" : "does not exist, and cannot be made";
    const remedy = `Give it to the user that runs Ingot: sudo mkdir -p '${root}' && sudo chown -R "$(id -un)" '${root}'`;
    return failed("folder", root, `${root} ${what} by this user.`, remedy);
  }
  return fine(
    "folder",
    root,
    existing === root ? `${root} can be read and written` : `${root} will be made at the first start`,
  );
}

/** Folders of a layer, and those directly in it, that another user made and closed to this one. */
async function closedFolders(layer: string): Promise<Finding[]> {
  const entries = await readdir(layer, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) =>
    error.code === "ENOENT" ? [] : undefined,
  );
  const folders = (entries ?? [])
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => path.join(layer, name));
  const candidates = entries?.length === 0 ? [] : [layer, ...folders];
  const states = await Promise.all(candidates.map(isWritable));
  const closed = candidates.find((_, index) => !states[index]);
  if (closed === undefined) return [];
  const detail = `${closed} may not be read and written by this user; perhaps Ingot once ran as another one (root, in a container).`;
  return [failed("folder", layer, detail, `Take it over: sudo chown -R "$(id -un)" '${layer}'`)];
}

async function spaceFinding(folder: string): Promise<Finding> {
  const { freeBytes, network } = await diskOf(folder);
  const where = `${network === undefined ? "disk" : `${network} drive`} of ${folder}`;
  const detail = `${size(freeBytes)} are free on the ${where}`;
  if (freeBytes < TOO_LITTLE_BYTES) {
    return failed("disk", folder, `Only ${detail}.`, "Free some space, or choose another LAKE_URL.");
  }
  if (freeBytes < LITTLE_BYTES) return warning("disk", folder, `Only ${detail}.`, "Free some space soon.");
  return fine("disk", folder, detail);
}

/** Does with a file of its own what the store does with each object, and removes it. */
async function tryFiles(folder: string, now: () => Date): Promise<Finding[]> {
  // A name that the store keeps for itself: no service takes it for an object.
  const file = path.join(folder, `.ingot-tmp-${randomBytes(8).toString("hex")}`);
  const other = path.join(folder, `.ingot-tmp-${randomBytes(8).toString("hex")}`);
  try {
    const handle = await open(file, "wx");
    try {
      await handle.writeFile("Ingot doctor");
      await handle.datasync();
    } finally {
      await handle.close();
    }
    const writtenAt = (await stat(file)).mtimeMs;
    const clock = clockFinding(`that of the disk of ${folder}`, folder, writtenAt - now().getTime());
    return [await tryLinks(folder, file, other), clock];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const remedy =
      code === "EDQUOT"
        ? "Free some space: the quota is used up."
        : "Check the disk and its mount, or choose another LAKE_URL.";
    return [failed("folder", folder, `A file cannot be written to ${folder} (${code}).`, remedy)];
  } finally {
    await rm(other, { force: true });
    await rm(file, { force: true });
  }
}

async function tryLinks(folder: string, file: string, other: string): Promise<Finding> {
  const remedy = "Put the lake on a local disk (ext4, xfs, APFS, NTFS), not on exFAT or FAT: set LAKE_URL.";
  try {
    await link(file, other);
  } catch (error) {
    const detail = `The disk of ${folder} has no hard links (${(error as NodeJS.ErrnoException).code}): nothing can be created there without the risk of overwriting.`;
    return failed("conditional_create", folder, detail, remedy);
  }
  const second = await link(file, other).then(
    () => "done",
    ({ code }: NodeJS.ErrnoException) => code,
  );
  if (second === "EEXIST")
    return fine("conditional_create", folder, "a file that is there is never overwritten (hard links)");
  const detail = `The disk of ${folder} lets one file take another's name: two cleaners may write over each other's files.`;
  return failed("conditional_create", folder, detail, remedy);
}
