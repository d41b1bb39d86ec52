import type { DuckDbSession } from "../duckdb/duckdb.ts";
import type { Pipeline, Table } from "./pipeline.ts";
import { cutOf, fingerprintOf, stateKey } from "./places.ts";
import type { RunOptions } from "./run-options.ts";
import { SilverTables } from "./silver-tables.ts";
import { readState, type TableState, writeState } from "./table-state.ts";

/** The tables of a pipeline as one pass sees them: what is known of each, and their rows as views of the session. */
export class PassTables {
  readonly silver: SilverTables;
  readonly #pipeline: Pipeline;
  readonly #options: RunOptions;
  readonly #scope: string;
  readonly #states: ReadonlyMap<string, TableState>;
  readonly #byName: ReadonlyMap<string, Table>;

  private constructor(
    pipeline: Pipeline,
    options: RunOptions,
    scope: string,
    { silver, states }: { silver: SilverTables; states: ReadonlyMap<string, TableState> },
  ) {
    this.silver = silver;
    this.#pipeline = pipeline;
    this.#options = options;
    this.#scope = scope;
    this.#states = states;
    this.#byName = new Map(pipeline.tables.map((table) => [table.name, table]));
  }

  /** @param scope the month; `WHOLE` where the pipeline has none. @throws IngotError of the storage */
  static async open(
    pipeline: Pipeline,
    { options, session, scope }: { options: RunOptions; session: DuckDbSession; scope: string },
  ): Promise<PassTables> {
    const { silver: store } = options.lake;
    const silver = await SilverTables.open(pipeline, store, session);
    const states = await Promise.all(
      pipeline.tables.map(
        async (table) => [table.name, await readState(store, stateKey(pipeline, table))] as const,
      ),
    );
    return new PassTables(pipeline, options, scope, { silver, states: new Map(states) });
  }

  named(name: string): Table {
    const table = this.#byName.get(name);
    if (!table) throw new Error(`${this.#pipeline.name} has no table ${name}`);
    return table;
  }

  state(table: Table): TableState {
    return this.#states.get(table.name)!;
  }

  /** @throws IngotError of the storage */
  async keep(table: Table): Promise<void> {
    await writeState(this.#options.lake.silver, stateKey(this.#pipeline, table), this.state(table));
  }

  /** The parts of a table that concern this pass. */
  partsOf(table: Table): string[] {
    const { parts } = this.state(table);
    if (cutOf(this.#pipeline, table).by === "day") return Object.keys(parts).sort();
    return parts[this.#scope] ? [this.#scope] : [];
  }

  /** The days of tables that are cut into them, of those that the run is about. */
  daysOf(tables: readonly Table[]): string[] {
    const cut = tables.filter(({ day }) => day !== undefined);
    const days = new Set(cut.flatMap((table) => this.partsOf(table)));
    return [...days].filter((day) => this.isAsked(day)).sort();
  }

  /** True for a day that the run is about. */
  isAsked(day: string): boolean {
    const { from, to } = this.#options;
    return (from === undefined || day >= from) && (to === undefined || day <= to);
  }

  /** What tells a table's rows from others. @param day of a table that is cut into days only those of this one */
  contentOf(table: Table, day: string | undefined): string {
    const { parts } = this.state(table);
    if (table.day !== undefined && day !== undefined) return parts[day]?.content ?? "";
    return fingerprintOf(this.partsOf(table).map((part) => `${part} ${parts[part]!.content}`));
  }

  /** Makes a table what its name means in queries. @param days of a table that is cut into days only these */
  async show(table: Table, days: readonly string[] | undefined): Promise<void> {
    const parts = table.day !== undefined && days !== undefined ? days : this.partsOf(table);
    const columns = table.kind === "source" ? table.columns : (this.state(table).columns ?? {});
    await this.silver.show(table, parts, columns, this.#options.signal);
  }

  /** Makes the tables before another one what their names mean, where they are not cut into days: for checks that name them. */
  async showBefore(table: Table): Promise<void> {
    for (const other of this.#pipeline.tables) {
      if (other === table) return;
      if (other.day === undefined && this.partsOf(other).length > 0) await this.show(other, undefined);
    }
  }
}
