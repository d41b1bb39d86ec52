import { parentPort, workerData } from "node:worker_threads";
import { FileBuilder } from "./file-builder.ts";
import type { Part } from "./parts.ts";

/** What the thread is asked to do. */
export type BuildRequest = { parts: Part[] } | "finish";

/** How it ended. SQLite's result code would not survive on an error itself. */
export type BuildAnswer = { ok: true } | { ok: false; message: string; errcode: number | undefined };

/** A thread of its own that builds a warehouse file: SQLite blocks the thread that it runs in. */
const { file, lakeUrl } = workerData as { file: string; lakeUrl: string };
const port = parentPort!;
let builder: FileBuilder | undefined;

port.on("message", (request: BuildRequest) => {
  try {
    builder ??= new FileBuilder(file, lakeUrl);
    if (request === "finish") builder.finish();
    else for (const part of request.parts) builder.add(part);
    port.postMessage({ ok: true } satisfies BuildAnswer);
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    port.postMessage({ ok: false, message, errcode } satisfies BuildAnswer);
  }
});
