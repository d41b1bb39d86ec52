import type { TimeZone } from "@ingot/pipelines";
import type { SalesFeed, SalesSnapshot } from "@ingot/warehouse";
import type { CellBlock } from "./cell-block.ts";
import { ColumnsReader } from "./columns-reader.ts";
import type { CustomerColumns } from "./customer-columns.ts";
import { CellReader } from "./day-cells.ts";
import { type DaySpan, dayNumber, daysWithin } from "./days.ts";
import { type Deadline, sharedNow } from "./deadline.ts";
import { Labels } from "./labels.ts";

/** So long a question may wait for customers to be counted, where that is nearly done. */
const FIRST_COUNT_MS = 40;
/** Figures that were there should not vanish for a moment because there is a little more to read. */
const NEXT_COUNT_MS = 1_000;

interface Day {
  date: string;
  /** The step that changed the day last. */
  changed: number;
  /** Its cells; absent until they are read, and again when the day has changed. */
  blocks?: CellBlock[];
}

/** What is known of one generation of the warehouse. */
interface Generation {
  name: string;
  revision: string;
  labels: Labels;
  /** Days with sales. */
  days: Map<number, Day>;
  cells: CellReader;
  reader: ColumnsReader;
  /** Days whose cells are not read, in any order. */
  unread: Set<number>;
}

/** What questions are answered from. */
export interface LoadedHistory {
  revision: string;
  labels: Labels;
  /** Days with sales; the cells of those that were asked for are there. */
  days: ReadonlyMap<number, { blocks?: CellBlock[] }>;
  columns: CustomerColumns;
  /** Share of the orders, customers and clicks that are in `columns`; 1 where that is all of them. */
  counted: number;
}

/** The history of a warehouse in memory. Everything is synchronous, and takes no longer than it is told. */
export class History {
  readonly #open: () => SalesFeed;
  readonly #zone: TimeZone;
  #feed: SalesFeed | undefined;
  #generation: Generation | undefined;
  #isFresh = false;

  /** @param open called when the warehouse is needed, and again after it failed */
  constructor(open: () => SalesFeed, zone: TimeZone) {
    this.#open = open;
    this.#zone = zone;
  }

  /** The warehouse may have changed. */
  refresh(): void {
    this.#isFresh = false;
  }

  /**
   * Makes sure that the cells of these days are in memory.
   *
   * @throws IngotError of the feed; `query_timeout`: what was read until then stays, and the next call goes on from there
   */
  ready(spans: readonly DaySpan[], deadline: Deadline): LoadedHistory {
    const known = this.#generation;
    if (!known || !this.#isFresh || !isLoaded(known, spans)) {
      this.#snapshot((sales) => {
        const generation = this.#follow(sales);
        const needed = spans.flatMap((span) => daysWithin(generation.days, span));
        for (const day of needed.reverse()) {
          if (sharedNow() >= deadline.at) return;
          readDay(generation, day, sales);
        }
        const patience = generation.reader.wasComplete ? NEXT_COUNT_MS : FIRST_COUNT_MS;
        generation.reader.read(sales, Math.min(deadline.at, sharedNow() + patience));
      });
    }
    deadline.check();
    return loaded(this.#generation!);
  }

  /** Makes sure that all customers, orders and clicks are in memory. @throws as `ready` */
  readyToCount(deadline: Deadline): LoadedHistory {
    const history = this.ready([], deadline);
    if (history.counted === 1) return history;
    this.#snapshot((sales) => this.#follow(sales).reader.read(sales, deadline.at));
    return this.ready([], deadline);
  }

  /** Asks the warehouse, of the state that it has now; what is known of the history stays. @throws IngotError of the feed */
  ask<T>(read: (sales: SalesSnapshot, history: LoadedHistory) => T): T {
    return this.#snapshot((sales) => {
      const known = this.#isFresh ? this.#generation : undefined;
      return read(sales, loaded(known ?? this.#follow(sales)));
    });
  }

  /** Reads on for some milliseconds, the newest days first. Answers whether there is more. @throws IngotError of the feed */
  readOn(ms: number): boolean {
    const known = this.#generation;
    // Who reads on brings everything to the state of now, and figures change only when they are told to.
    if (known && this.#isFresh && known.unread.size === 0 && known.reader.share === 1) return false;
    const until = sharedNow() + ms;
    return this.#snapshot((sales) => {
      const generation = this.#follow(sales);
      const newest = [...generation.unread].sort((a, b) => b - a);
      for (const day of newest) {
        readDay(generation, day, sales);
        if (sharedNow() >= until) break;
      }
      if (generation.unread.size === 0) generation.reader.read(sales, until);
      return generation.unread.size > 0 || generation.reader.share < 1;
    });
  }

  #snapshot<T>(read: (sales: SalesSnapshot) => T): T {
    let hasBegun = false;
    try {
      this.#feed ??= this.#open();
      return this.#feed.snapshot((sales) => {
        hasBegun = true;
        return read(sales);
      });
    } catch (error) {
      // Some of what it read may never have been in the warehouse.
      if (hasBegun) this.#generation = undefined;
      this.#isFresh = false;
      this.#feed = undefined;
      throw error;
    }
  }

  /** Brings what is known of days and labels to the snapshot's state. */
  #follow(sales: SalesSnapshot): Generation {
    const revision = sales.revision();
    const name = revision.slice(0, revision.lastIndexOf("."));
    if (this.#generation?.name !== name) {
      const labels = new Labels();
      const reader = new ColumnsReader(labels, this.#zone);
      const cells = new CellReader(labels);
      this.#generation = { name, revision: "", labels, days: new Map(), cells, reader, unread: new Set() };
    }
    const generation = this.#generation;
    if (generation.revision !== revision) {
      for (const label of sales.labels(generation.labels.last)) generation.labels.add(label);
      followDays(generation, sales);
      generation.reader.expect(sales.lastIds());
      generation.revision = revision;
    }
    this.#isFresh = true;
    return generation;
  }
}

function followDays(generation: Generation, sales: SalesSnapshot): void {
  const { days, unread } = generation;
  const gone = new Set(days.keys());
  for (const { order_date: date, changed } of sales.days()) {
    const number = dayNumber(date);
    gone.delete(number);
    if (days.get(number)?.changed === changed) continue;
    days.set(number, { date, changed });
    unread.add(number);
  }
  for (const number of gone) {
    days.delete(number);
    unread.delete(number);
  }
}

function readDay({ days, cells, unread }: Generation, number: number, sales: SalesSnapshot): void {
  const day = days.get(number)!;
  day.blocks ??= cells.read(sales.cells(day.date));
  unread.delete(number);
}

function isLoaded({ days, unread, reader }: Generation, spans: readonly DaySpan[]): boolean {
  if (reader.share < 1) return false;
  return unread.size === 0 || spans.every((span) => daysWithin(days, span).every((day) => !unread.has(day)));
}

function loaded({ revision, labels, days, reader }: Generation): LoadedHistory {
  return { revision, labels, days, columns: reader.columns, counted: reader.share };
}
