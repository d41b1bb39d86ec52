import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import path from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { IngotError, messageOf } from "@ingot/common";

/** Writes text to standard output, as fast as it is taken. A reader that has enough (`| head`) ends it without an error. */
export async function writeToStdout(text: AsyncIterable<string>): Promise<void> {
  let failure: NodeJS.ErrnoException | undefined;
  const onError = (error: NodeJS.ErrnoException): void => {
    failure = error;
  };
  process.stdout.on("error", onError);
  try {
    for await (const piece of text) {
      if (failure) break;
      await written(process.stdout, piece);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  } finally {
    process.stdout.off("error", onError);
    // What is still on its way may fail after this.
    process.stdout.on("error", () => undefined);
  }
  if (failure && failure.code !== "EPIPE") throw failure;
}

/** Writes text to a file, whole or not at all. */
export function writeToFile(file: string, text: AsyncIterable<string>): Promise<void> {
  return throughTemporary(file, async (temporary) => {
    const stream = createWriteStream(temporary, { flags: "wx" });
    try {
      for await (const piece of text) await written(stream, piece);
    } finally {
      stream.end();
      await finished(stream);
    }
  });
}

/** Lets `write` make a file under another name in the same folder, then gives it its own. */
export async function throughTemporary<T>(
  file: string,
  write: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`);
  try {
    const result = await write(temporary);
    await rename(temporary, file);
    return result;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (error instanceof IngotError) throw error;
    throw new IngotError("usage", `${file} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

async function written(stream: Writable, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, "drain");
}
