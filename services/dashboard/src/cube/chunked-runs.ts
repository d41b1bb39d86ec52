import { GrowingColumn } from "./growing-column.ts";

/**
 * Numbers of memory that is taken at a time: 32 MiB, which the system gives page by page as they are written to, and takes
 * back as a whole.
 */
const SLAB = 2 ** 23;
/** The first chunk of a run, the next is twice as large, up to the last of these. The first number of a chunk is the place of the next one. */
const FIRST_CHUNK = 4;
const GREATEST_CHUNK = 256;

/** Told of rows number `from` to before `to` of an array. */
export type VisitChunk = (rows: Uint32Array, from: number, to: number) => void;

/**
 * Rows of many runs that all grow at the same time: each run is a chain of chunks, so that nothing is ever moved. Of each
 * row one number is kept, which may be changed by its place.
 */
export class ChunkedRuns {
  /** How many rows there are. */
  rows = 0;
  readonly #slabs: Uint32Array[] = [];
  /** What is free begins here. No chunk is at 0, which says that there is none. */
  #end = 1;
  /** By run: its first chunk, its last one with its size, and how much of that is taken. */
  readonly #first = new GrowingColumn(true);
  readonly #last = new GrowingColumn(true);
  readonly #sizes = new GrowingColumn();
  readonly #taken = new GrowingColumn();

  /** Answers the row's place. */
  add(run: number, row: number): number {
    if (run >= this.#sizes.length || this.#taken.values[run] === this.#sizes.values[run]) this.#extend(run);
    const place = this.#last.values[run]! + this.#taken.values[run]!;
    this.#taken.values[run]! += 1;
    this.set(place, row);
    this.rows += 1;
    return place;
  }

  at(place: number): number {
    return this.#slabs[Math.floor(place / SLAB)]![place % SLAB]!;
  }

  set(place: number, row: number): void {
    this.#slabs[Math.floor(place / SLAB)]![place % SLAB] = row;
  }

  /** Visits the rows of a run in their order. */
  visit(run: number, visit: VisitChunk): void {
    const last = run < this.#last.length ? this.#last.values[run]! : 0;
    if (last === 0) return;
    let size = FIRST_CHUNK;
    for (let chunk = this.#first.values[run]!; ; size = nextSize(size)) {
      const slab = this.#slabs[Math.floor(chunk / SLAB)]!;
      const at = chunk % SLAB;
      visit(slab, at + 1, at + (chunk === last ? this.#taken.values[run]! : size));
      if (chunk === last) return;
      chunk = slab[at]!;
    }
  }

  #extend(run: number): void {
    const last = run < this.#last.length ? this.#last.values[run]! : 0;
    const size = last === 0 ? FIRST_CHUNK : nextSize(this.#sizes.values[run]!);
    const chunk = this.#take(size);
    if (last === 0) this.#first.set(run, chunk);
    else this.set(last, chunk);
    this.#last.set(run, chunk);
    this.#sizes.set(run, size);
    this.#taken.set(run, 1);
  }

  /** Answers where so many numbers are free side by side. */
  #take(size: number): number {
    if ((this.#end % SLAB) + size > SLAB) this.#end = Math.ceil(this.#end / SLAB) * SLAB;
    const at = this.#end;
    if (at + size > this.#slabs.length * SLAB) this.#slabs.push(new Uint32Array(SLAB));
    this.#end += size;
    return at;
  }
}

const nextSize = (size: number): number => Math.min(2 * size, GREATEST_CHUNK);
