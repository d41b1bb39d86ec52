import { NOBODY } from "./customer-index.ts";

/** Rows of one day that lie side by side. */
const CHUNK_ROWS = 256;
/** Rows of memory that is taken at a time. */
const SLAB_ROWS = 4_096 * CHUNK_ROWS;
const MOST_IN_16_BITS = 0xffff;

/** Rows number `from` to before `to` of these arrays. */
export interface RowPiece {
  values: Uint16Array | Uint32Array;
  customers: Uint32Array;
  from: number;
  to: number;
}

interface Slab {
  values: Uint16Array | Uint32Array;
  customers: Uint32Array;
}

interface Day {
  chunks: number[];
  /** In the last chunk. */
  free: number;
}

/**
 * Rows by day, in the order of their arrival: of each a small number and a customer's. Millions of rows for hundreds of days
 * come in any order; chunks of a few rows each keep them apart without any memory that grows and moves.
 */
export class DayRows {
  readonly #days = new Map<number, Day>();
  readonly #slabs: Slab[] = [];
  #chunks = 0;

  /** Adds a row. Answers its place, for as long as there is this object. */
  add(day: number, value: number, customer: number): number {
    const { chunks, free } = this.#withRoom(day);
    const place = (chunks.at(-1)! + 1) * CHUNK_ROWS - free;
    const slab = this.#slabs[Math.floor(place / SLAB_ROWS)]!;
    if (value > MOST_IN_16_BITS && slab.values instanceof Uint16Array)
      slab.values = Uint32Array.from(slab.values);
    slab.values[place % SLAB_ROWS] = value;
    slab.customers[place % SLAB_ROWS] = customer;
    this.#days.get(day)!.free -= 1;
    return place;
  }

  /** Makes the row at a place nobody's. */
  forget(place: number): void {
    this.#slabs[Math.floor(place / SLAB_ROWS)]!.customers[place % SLAB_ROWS] = NOBODY;
  }

  get size(): number {
    return this.#days.size;
  }

  has(day: number): boolean {
    return this.#days.has(day);
  }

  /** The days with rows, in no order. */
  keys(): Iterable<number> {
    return this.#days.keys();
  }

  /** All rows of a day, piece after piece. */
  *of(day: number): Iterable<RowPiece> {
    const rows = this.#days.get(day);
    if (!rows) return;
    const last = rows.chunks.at(-1)!;
    for (const chunk of rows.chunks) {
      const slab = this.#slabs[Math.floor((chunk * CHUNK_ROWS) / SLAB_ROWS)]!;
      const from = (chunk * CHUNK_ROWS) % SLAB_ROWS;
      const to = from + CHUNK_ROWS - (chunk === last ? rows.free : 0);
      yield { ...slab, from, to };
    }
  }

  #withRoom(day: number): Day {
    let rows = this.#days.get(day);
    if (!rows) {
      rows = { chunks: [], free: 0 };
      this.#days.set(day, rows);
    }
    if (rows.free === 0) {
      if ((this.#chunks * CHUNK_ROWS) % SLAB_ROWS === 0)
        this.#slabs.push({ values: new Uint16Array(SLAB_ROWS), customers: new Uint32Array(SLAB_ROWS) });
      rows.chunks.push(this.#chunks);
      rows.free = CHUNK_ROWS;
      this.#chunks += 1;
    }
    return rows;
  }
}
