import { execFile } from "node:child_process";
import { mkdir, statfs } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

const MB = 1024 * 1024;
const SIZE_BYTES = 1024 * MB;
/** What a full disk still has; less than any object takes, with its folder and its metadata. */
const SPARE_BYTES = 16 * 1024;

/** A disk of the trial's own that can be made full. */
export interface SmallDisk {
  /** Leaves nearly no free space. Whoever deletes something can write as much again. */
  fill(): Promise<void>;
  /** Gives the space back. */
  free(): Promise<void>;
  unmount(): Promise<void>;
}

/**
 * Mounts a file system in memory on a new folder.
 *
 * @returns why not, where this user may not mount anything
 */
export async function mountSmallDisk(folder: string): Promise<SmallDisk | string> {
  await mkdir(folder, { recursive: true });
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "only root on Linux may mount one";
  const resize = (bytes: number) => run("mount", ["-o", `remount,size=${bytes}`, folder]);
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${SIZE_BYTES}`, "ingot-chaos", folder]);
  } catch (error) {
    return `mount: ${(error as Error).message.trim()}`;
  }
  return {
    fill: async () => {
      // It cannot be made smaller than what is in it by then: others write meanwhile.
      for (let attempts = 1; ; attempts += 1) {
        const { blocks, bfree, bsize } = await statfs(folder);
        const done = await resize((blocks - bfree) * bsize + SPARE_BYTES).catch((error) => error);
        if (!(done instanceof Error)) return;
        if (attempts === 20) throw done;
      }
    },
    free: async () => void (await resize(SIZE_BYTES)),
    unmount: async () => {
      for (let attempts = 1; ; attempts += 1) {
        const failure = await run("umount", [folder]).catch((error) => error);
        if (!(failure instanceof Error)) return;
        if (attempts === 20) throw failure;
        await delay(100);
      }
    },
  };
}
