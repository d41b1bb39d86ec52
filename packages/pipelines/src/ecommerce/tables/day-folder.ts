import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { DuckDbSession } from "@ingot/engine";

/** Gives the work on a day a folder of its own, which is removed after it. */
export async function withDayFolder<T>(
  session: DuckDbSession,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = path.join(session.folder, "day");
  try {
    await mkdir(folder, { recursive: true });
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
