import { parentPort } from "node:worker_threads";
import { HelperWork } from "./helper-work.ts";
import { type BlockTask, type ComparisonTask, READY } from "./part-transfer.ts";

/* A helper of the cleaner, in a thread of its own. */

const port = parentPort;
if (!port) throw new Error("this module runs in a worker thread only");

const work = new HelperWork();

port.on("message", (task: BlockTask | ComparisonTask) => {
  if ("entries" in task) {
    const reply = work.compare(task);
    port.postMessage(reply, [reply.entries]);
    return;
  }
  const reply = work.clean(task);
  port.postMessage(reply, reply.packed ? [reply.block, reply.packed.memory] : [reply.block]);
});

port.postMessage(READY);
