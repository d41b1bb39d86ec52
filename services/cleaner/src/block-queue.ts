import { BlockCutter, type ContentReader } from "@ingot/engine";
import type { CleanedPart } from "./cleaned-part.ts";
import type { Helpers } from "./helpers.ts";
import { type BlockReply, type Job, unpack } from "./part-transfer.ts";

export interface BlockQueueOptions {
  helpers: Helpers;
  /** The reader that has come to where the blocks begin, and has a continuation. */
  content: ContentReader;
  job: Job;
  blockBytes: number;
  /** Takes the parts that helpers have cleaned, in the order of the file. @param base what to add to their positions */
  take(part: CleanedPart, base: number): void;
  /** Has the reader read what helpers cannot. It may keep the bytes for a while. */
  readHere(bytes: Uint8Array): void;
}

interface Sent {
  /** The block's bytes, where only the reader can read it. */
  bytes: Buffer | undefined;
  reply: Promise<BlockReply> | undefined;
  length: number;
}

/**
 * Has the blocks of a large content cleaned by helpers, with exactly the result of one reader that reads all of it.
 *
 * A helper reads its block as if it began between two records. That is proven, not assumed: a block counts only where
 * the one before it was read to its end and ended between two records, in a state in which nothing that came before
 * matters. Any other block is read again by the one reader, and so are all that follow until it stands between two
 * records again.
 */
export class BlockQueue {
  readonly #options: BlockQueueOptions;
  readonly #cutter: BlockCutter;
  readonly #sent: Sent[] = [];
  readonly #spare: ArrayBuffer[] = [];

  constructor(options: BlockQueueOptions) {
    this.#options = options;
    this.#cutter = new BlockCutter(
      options.job.continuation.format,
      options.content.release(),
      options.blockBytes,
    );
  }

  /** Takes bytes. Waits where too many blocks are on their way. */
  async push(chunk: Uint8Array): Promise<void> {
    const block = this.#cutter.push(chunk);
    if (!block) return;
    const { bytes, isCut } = block;
    while (this.#sent.length >= this.#options.helpers.tasksAtOnce) await this.#settle();
    this.#sent.push(isCut ? this.#send(bytes) : { bytes, reply: undefined, length: bytes.length });
  }

  /** Waits for all blocks, and gives the reader what remains. */
  async finish(): Promise<void> {
    while (this.#sent.length > 0) await this.#settle();
    const rest = this.#cutter.rest();
    if (rest.length > 0) this.#options.readHere(rest);
  }

  #send(bytes: Buffer): Sent {
    const { helpers, job } = this.#options;
    const block = bytes.buffer as ArrayBuffer;
    const { length } = bytes;
    const reply = helpers.clean({ job, block, bytes: length, spare: this.#spare.pop() });
    // Whoever waits for an earlier block may never come to this one.
    reply.catch(() => undefined);
    return { bytes: undefined, reply, length };
  }

  async #settle(): Promise<void> {
    const { bytes, reply, length } = this.#sent[0]!;
    const { content, take, readHere } = this.#options;
    const done = await reply;
    this.#sent.shift();
    const isTaken = done?.packed !== undefined && content.isBetweenRecords;
    if (isTaken) {
      take(unpack(done.packed!), content.position);
      content.advance(done.positions!);
    } else {
      readHere(bytes ?? Buffer.from(done!.block, 0, length));
    }
    if (done?.packed) this.#spare.push(done.packed.memory);
    // What the reader got, it may still hold.
    if (isTaken) this.#cutter.recycle(done.block);
  }
}
