import { randomBytes } from "node:crypto";
import { JSON_TYPE, jsonBytes, productVersion } from "@ingot/common";
import type { Pipeline } from "./pipeline.ts";
import type { RunOptions } from "./run-options.ts";
import { type RunRecord, type RunStep, runKey } from "./run-record.ts";

/** A run's record, kept in gold and told to whoever watches. */
export class RunLog {
  readonly record: RunRecord;
  readonly #options: RunOptions;

  constructor(pipeline: Pipeline, options: RunOptions) {
    const { clock, trigger, due, attempt = 1, from, to } = options;
    const now = clock.now();
    const id = `${now.toISOString().replace(/[-:.]/g, "")}-${randomBytes(2).toString("hex")}`;
    this.#options = options;
    this.record = {
      id,
      pipeline: pipeline.name,
      trigger,
      ...(due === undefined ? {} : { due: due.toISOString() }),
      started_at: now.toISOString(),
      status: "running",
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      attempt,
      code_version: productVersion(),
      steps: [],
      published: [],
    };
  }

  /** @throws IngotError of the storage */
  async write(): Promise<void> {
    const { pipeline, id } = this.record;
    await this.#options.lake.gold.write(runKey(pipeline, id), jsonBytes(this.record), JSON_TYPE);
  }

  /** Steps that are to be done, in their order. */
  plan(names: readonly string[], month: string | undefined): RunStep[] {
    const steps = names.map(
      (name): RunStep => ({ name, ...(month === undefined ? {} : { month }), status: "waiting" }),
    );
    this.record.steps.push(...steps);
    this.#tell(undefined);
    return steps;
  }

  change(step: RunStep, changes: Partial<RunStep>): void {
    Object.assign(step, changes);
    this.#tell(step);
  }

  end(changes: Pick<RunRecord, "status"> & Partial<RunRecord>): void {
    Object.assign(this.record, changes, { finished_at: this.#options.clock.now().toISOString() });
    this.#tell(undefined);
  }

  #tell(step: RunStep | undefined): void {
    this.#options.onChange?.(this.record, step);
  }
}
