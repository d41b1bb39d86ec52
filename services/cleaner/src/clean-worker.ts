import { parentPort } from "node:worker_threads";
import { PartReader } from "@ingot/engine/records";
import { createRuleContext } from "@ingot/pipelines/silver";
import { PartWriter } from "./cleaned-part.ts";
import { DuplicateFinder } from "./duplicates.ts";
import {
  type BlockReply,
  type BlockTask,
  type ComparisonReply,
  type ComparisonTask,
  type Job,
  pack,
  READY,
} from "./part-transfer.ts";
import { formatOptionsOf, RecordCleaner } from "./record-cleaner.ts";

/*
 * A helper of the cleaner, in a thread of its own: it reads and cleans blocks of large objects, and compares their rows.
 * It knows nothing about what stands before and after a block.
 */

const port = parentPort;
if (!port) throw new Error("this module runs in a worker thread only");

const finder = new DuplicateFinder();

let current: { job: Job; out: PartWriter; reader: PartReader } | undefined;

port.on("message", (task: BlockTask | ComparisonTask) => {
  if ("entries" in task) compare(task);
  else clean(task);
});

port.postMessage(READY);

function compare({ entries, ends }: ComparisonTask): void {
  const reply: ComparisonReply = { losers: finder.find({ bytes: Buffer.from(entries), ends }), entries };
  port!.postMessage(reply, [entries]);
}

function clean(task: BlockTask): void {
  if (current?.job.id !== task.job.id) current = begin(task.job);
  const { reader, out } = current;
  const positions = reader.read(Buffer.from(task.block, 0, task.bytes));
  // A block that was cut wrongly is read by others, in another way.
  if (positions === undefined) current = undefined;
  const packed = positions === undefined ? undefined : pack(out.part(), task.spare);
  out.clear();
  const reply: BlockReply = { block: task.block, positions, packed };
  port!.postMessage(reply, packed ? [task.block, packed.memory] : [task.block]);
}

function begin(job: Job): typeof current & {} {
  const out = new PartWriter(job.identitySeed);
  const cleaner = new RecordCleaner(job.dataset, createRuleContext(job.rules), out);
  const options = formatOptionsOf(job.dataset, job.maxRecordBytes);
  return { job, out, reader: new PartReader(job.continuation, options, cleaner) };
}
