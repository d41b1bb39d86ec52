import { parentPort, workerData } from "node:worker_threads";
import type { Request } from "../src/cube/messages.ts";

/** A thread that never comes to an end with a question that is in a hurry. */
if (workerData === "end at once") process.exit(1);
const name = crypto.randomUUID();
parentPort!.on("message", ({ id, timeoutMs }: Exclude<Request, "refresh">) => {
  while (timeoutMs < 1_000);
  parentPort!.postMessage({ id, result: name });
});
