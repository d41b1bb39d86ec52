import { createGunzip, type Gunzip } from "node:zlib";

/** Compressed bytes are given to zlib in such pieces, so that no single step gives more than 1032 times as many. */
const SLICE_BYTES = 16 * 1024;

/** So much of a compressed file is remembered, for the last records before a damage. */
const HISTORY_BYTES = 16 * 1024 * 1024;

/** What decompression found, for the caller to look at once it has ended. */
export interface GzipReport {
  /** True as soon as the body proves to be compressed. */
  isGzip?: boolean;
  /** What is wrong with the file, where it is damaged. */
  damage?: string;
}

/**
 * Gives the body as it is, or decompressed where it begins with gzip's magic bytes. Damage ends the stream, and is
 * noted in `report`; all that can be decompressed comes before it (where the damage lies beyond the first 16 MiB, but
 * for the last 16 KiB of text). Errors of the body itself are thrown as they are.
 */
export async function* inflated(
  body: AsyncIterable<Uint8Array>,
  report: GzipReport,
): AsyncGenerator<Uint8Array, void, undefined> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  let gunzip: ResilientGunzip | undefined;
  try {
    for await (const chunk of body) {
      const piece: Uint8Array = head?.length ? Buffer.concat([head, chunk]) : chunk;
      if (head && piece.length < 2) {
        head = piece;
        continue;
      }
      if (head && piece[0] === 0x1f && piece[1] === 0x8b) {
        gunzip = new ResilientGunzip();
        report.isGzip = true;
      }
      head = undefined;
      if (gunzip) yield* gunzip.write(piece);
      else yield piece;
      if (gunzip?.ended) break;
    }
    if (head?.length) yield head;
    if (gunzip) yield* gunzip.end();
    if (gunzip?.damage !== undefined) report.damage = gunzip.damage;
  } finally {
    gunzip?.close();
  }
}

/**
 * Node's Gunzip forgets what it has decompressed in the step that fails. Here the compressed bytes are kept, and when
 * a step fails they are done again, the last ones byte by byte, so that nothing before the damage is lost.
 */
class ResilientGunzip {
  damage: string | undefined;
  readonly #gunzip = new GunzipSteps();
  readonly #history: Uint8Array[] = [];
  #historyBytes = 0;
  #given = 0;

  /** True where nothing more can come: the file is damaged, or at its end but for padding. */
  get ended(): boolean {
    return this.damage !== undefined || this.#gunzip.finished;
  }

  async *write(compressed: Uint8Array): AsyncGenerator<Buffer, void, undefined> {
    for (let at = 0; at < compressed.length && !this.ended; at += SLICE_BYTES) {
      const slice = compressed.subarray(at, at + SLICE_BYTES);
      if (this.#historyBytes <= HISTORY_BYTES) this.#history.push(Buffer.from(slice));
      this.#historyBytes += slice.length;
      yield* this.#give(await this.#gunzip.write(slice));
    }
  }

  async *end(): AsyncGenerator<Buffer, void, undefined> {
    if (!this.ended) yield* this.#give(await this.#gunzip.end());
  }

  close(): void {
    this.#gunzip.close();
  }

  async *#give(pieces: Buffer[]): AsyncGenerator<Buffer, void, undefined> {
    for (const piece of pieces) {
      this.#given += piece.length;
      yield piece;
    }
    this.damage = this.#gunzip.failure;
    if (this.damage !== undefined && this.#historyBytes <= HISTORY_BYTES) yield* this.#forgotten();
  }

  /** What was decompressed in the step that failed. */
  async *#forgotten(): AsyncGenerator<Buffer, void, undefined> {
    const again = new GunzipSteps();
    const compressed = Buffer.concat(this.#history);
    const safe = this.#gunzip.consumed;
    let known = this.#given;
    for (let at = 0; at < compressed.length && again.failure === undefined; ) {
      const length = at < safe ? Math.min(SLICE_BYTES, safe - at) : 1;
      for (const piece of await again.write(compressed.subarray(at, at + length))) {
        if (piece.length > known) yield piece.subarray(known);
        known = Math.max(0, known - piece.length);
      }
      at += length;
    }
    again.close();
  }
}

/** Node's Gunzip as steps that answer with what they gave. */
class GunzipSteps {
  failure: string | undefined;
  finished = false;
  readonly #stream: Gunzip = createGunzip();
  readonly #closed: Promise<void>;
  #pieces: Buffer[] = [];

  constructor() {
    this.#closed = new Promise((resolve) => this.#stream.on("close", resolve));
    this.#stream.on("data", (piece: Buffer) => this.#pieces.push(piece));
    this.#stream.on("end", () => {
      this.finished = true;
    });
    this.#stream.on("error", (error) => {
      this.failure = error.message;
    });
  }

  /** How many compressed bytes were taken by steps that did not fail. */
  get consumed(): number {
    return this.#stream.bytesWritten;
  }

  async write(slice: Uint8Array): Promise<Buffer[]> {
    await new Promise<void>((resolve) => {
      this.#stream.write(slice, () => resolve());
      void this.#closed.then(resolve);
    });
    return this.#taken();
  }

  async end(): Promise<Buffer[]> {
    this.#stream.end();
    await this.#closed;
    return this.#taken();
  }

  close(): void {
    this.#stream.destroy();
  }

  #taken(): Buffer[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}
