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
} from "./part-transfer.ts";
import { formatOptionsOf, RecordCleaner } from "./record-cleaner.ts";

/**
 * What helpers do, in any thread: they read and clean blocks of large objects, and compare their rows. They know nothing
 * about what stands before and after a block.
 */
export class HelperWork {
  readonly #finder = new DuplicateFinder();
  #current: { job: Job; out: PartWriter; reader: PartReader } | undefined;

  clean({ job, block, bytes, spare }: BlockTask): BlockReply {
    if (this.#current?.job.id !== job.id) this.#current = begin(job);
    const { reader, out } = this.#current;
    const positions = reader.read(Buffer.from(block, 0, bytes));
    // A block that was cut wrongly is read by others, in another way.
    if (positions === undefined) this.#current = undefined;
    const packed = positions === undefined ? undefined : pack(out.part(), spare);
    out.clear();
    return { block, positions, packed };
  }

  compare({ entries, ends }: ComparisonTask): ComparisonReply {
    return { losers: this.#finder.find({ bytes: Buffer.from(entries), ends }), entries };
  }
}

function begin(job: Job): { job: Job; out: PartWriter; reader: PartReader } {
  const out = new PartWriter(job.identitySeed);
  const cleaner = new RecordCleaner(job.dataset, createRuleContext(job.rules), out);
  const options = formatOptionsOf(job.dataset, job.maxRecordBytes);
  return { job, out, reader: new PartReader(job.continuation, options, cleaner) };
}
