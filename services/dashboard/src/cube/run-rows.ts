import { ChunkedRuns } from "./chunked-runs.ts";
import { NOBODY } from "./customer-index.ts";
import { GrowingColumn } from "./growing-column.ts";

/** Told of rows number `from` to before `to` of an array of customers; the first of the array has the place `base`. */
export type VisitRows = (
  customers: Uint32Array,
  from: number,
  to: number,
  value: number,
  base: number,
) => void;

/**
 * Customers of millions of rows by a day and a value (what was ordered, which page was seen): those of the same day and value
 * are a run. Rows come in any order; `pack` then lays those that are there one run after the other, in half the
 * memory and faster to look at.
 */
export class RunRows {
  /** Numbers of the runs, from 0, by day and value. */
  readonly #days = new Map<number, Map<number, number>>();
  #runs = 0;
  /** The packed rows; at 0 there is a place for what is forgotten. */
  #packed = new Uint32Array(1);
  /** Where the packed rows of each run begin and end. */
  #starts = new GrowingColumn(true);
  #ends = new GrowingColumn(true);
  /** Rows that came since. Their places count on from those of the packed rows. */
  #newer = new ChunkedRuns();

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

  /** Adds a row. Answers its place, until rows are packed. */
  add(day: number, value: number, customer: number): number {
    return this.#packed.length + this.#newer.add(this.#runOf(day, value), customer);
  }

  /** Makes the row at a place nobody's. */
  forget(place: number): void {
    if (place < this.#packed.length) this.#packed[place] = NOBODY;
    else this.#newer.set(place - this.#packed.length, NOBODY);
  }

  /** Visits all rows of a day whose values are chosen. */
  visit(day: number, isChosen: Uint8Array, visit: VisitRows): void {
    const runs = this.#days.get(day);
    if (runs) for (const [value, run] of runs) if (isChosen[value] === 1) this.#visitRun(run, value, visit);
  }

  /** Visits all rows of a day with one value. */
  visitValue(day: number, value: number, visit: VisitRows): void {
    const run = this.#days.get(day)?.get(value);
    if (run !== undefined) this.#visitRun(run, value, visit);
  }

  /**
   * Lays the rows together.
   *
   * @param places of rows, by whatever numbers they have. They are corrected, and rows of nobody go: nobody asks for them
   */
  pack(places?: GrowingColumn): void {
    const packed = new Uint32Array(this.#packed.length + this.#newer.rows);
    const moved = places && new Uint32Array(this.#packed.length + this.#newer.end);
    const [starts, ends] = [new GrowingColumn(true), new GrowingColumn(true)];
    let end = 1;
    const put: VisitRows = (customers, from, to, _value, base) => {
      for (let row = from; row < to; row++) {
        const customer = customers[row]!;
        if (moved && customer === NOBODY) continue;
        if (moved) moved[base + row] = end;
        packed[end] = customer;
        end += 1;
      }
    };
    for (const day of [...this.#days.keys()].sort((a, b) => a - b)) {
      const runs = [...this.#days.get(day)!].sort(([a], [b]) => a - b);
      this.#days.set(day, new Map(runs));
      for (const [value, run] of runs) {
        starts.set(run, end);
        this.#visitRun(run, value, put);
        ends.set(run, end);
      }
    }
    if (places && moved)
      for (let row = 0; row < places.length; row++) places.values[row] = moved[places.values[row]!]!;
    this.#packed = packed.length > end ? packed.slice(0, end) : packed;
    this.#starts = starts;
    this.#ends = ends;
    this.#newer = new ChunkedRuns();
  }

  #visitRun(run: number, value: number, visit: VisitRows): void {
    if (run < this.#ends.length) {
      const [from, to] = [this.#starts.values[run]!, this.#ends.values[run]!];
      if (from < to) visit(this.#packed, from, to, value, 0);
    }
    const base = this.#packed.length;
    this.#newer.visit(run, (rows, from, to, chunkBase) => visit(rows, from, to, value, base + chunkBase));
  }

  #runOf(day: number, value: number): number {
    let runs = this.#days.get(day);
    if (!runs) {
      runs = new Map();
      this.#days.set(day, runs);
    }
    let run = runs.get(value);
    if (run === undefined) {
      run = this.#runs;
      this.#runs += 1;
      runs.set(value, run);
    }
    return run;
  }
}
