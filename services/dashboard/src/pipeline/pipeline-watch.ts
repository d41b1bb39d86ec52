import { setTimeout as delay } from "node:timers/promises";
import { type Clock, type Lake, type Logger, messageOf } from "@ingot/common";
import { LakeSurvey, schemaChanges } from "@ingot/pipelines";
import { pipelineNames } from "@ingot/pipelines/batch";
import type { PipelineStatus } from "../api/contract.ts";
import { BatchRuns } from "./batch-runs.ts";
import { createGoldFigures, type GoldFigures } from "./gold-figures.ts";
import { Paced } from "./paced.ts";
import { describePipeline } from "./pipeline-status.ts";
import { RejectSampleReader } from "./reject-samples.ts";
import { WarehouseFigures } from "./warehouse-figures.ts";

/** So long after the last question nothing is looked at any more. */
const IDLE_MS = 60_000;
/** The warehouse is a file here, and what is new in it is read within a millisecond. */
const STEP_MS = 1_000;
/** Who asks first, or first after a pause, may wait so long for figures of now. */
const FIRST_LOOK_MS = 200;

export interface PipelineWatchOptions {
  lake: Lake;
  warehouseFile: string;
  clock: Clock;
  logger: Logger;
}

/** Looks at the pipeline for as long as somebody asks for its status: in the background, all who ask together once. */
export class PipelineWatch {
  readonly #options: PipelineWatchOptions;
  readonly #warehouse: WarehouseFigures;
  readonly #closing = new AbortController();
  readonly #survey: Paced;
  readonly #follow: Paced;
  readonly #gold: Paced;
  readonly #rejects: Paced;
  readonly #batch: Paced;
  readonly #batchRuns: BatchRuns;
  readonly #samples: RejectSampleReader;
  /** Lists of pruned days that are in the warehouse as a whole. */
  readonly #settledDays = new Map<string, string>();
  #surveyed: LakeSurvey | undefined;
  /** The survey that is going on. */
  #surveying: LakeSurvey | undefined;
  #goldFigures: GoldFigures | undefined;
  #schemas: { keys: string; changes: PipelineStatus["schema_changes"] } = { keys: "", changes: [] };
  #status: PipelineStatus;
  #askedMs = 0;
  #running: Promise<void> | undefined;
  #firstLook: Promise<unknown> = Promise.resolve();
  readonly #said = new Map<string, string>();

  constructor(options: PipelineWatchOptions) {
    const { lake, warehouseFile, clock, logger } = options;
    this.#options = options;
    this.#warehouse = new WarehouseFigures({
      file: warehouseFile,
      logger,
      signal: this.#closing.signal,
      onTaken: (silverKey, bronzeKey) => {
        this.#surveyed?.settle(silverKey, bronzeKey);
        this.#surveying?.settle(silverKey, bronzeKey);
      },
      onOther: () => {
        this.#settledDays.clear();
        if (this.#surveyed) this.#survey.hurry();
      },
    });
    this.#survey = new Paced(
      clock,
      this.#told("the lake", () => this.#lookAtLake()),
    );
    this.#follow = new Paced(
      clock,
      this.#told("the lake", async () => this.#surveyed?.follow()),
    );
    const gold = createGoldFigures(lake.gold);
    const lookAtGold = async (): Promise<void> => {
      this.#goldFigures = await gold();
    };
    this.#gold = new Paced(clock, this.#told("gold", lookAtGold));
    this.#samples = new RejectSampleReader(lake.silver, clock);
    const lookAtRejects = async (): Promise<void> => {
      const { takenIn } = this.#warehouse;
      if (takenIn) await this.#samples.refresh(takenIn.rejects);
    };
    this.#rejects = new Paced(clock, this.#told("samples of rejected records", lookAtRejects));
    this.#batchRuns = new BatchRuns({ gold: lake.gold, names: pipelineNames });
    this.#batch = new Paced(
      clock,
      this.#told("runs of pipelines", () => this.#batchRuns.refresh()),
    );
    this.#status = this.#described();
  }

  /** What is known: of now, where that takes no longer than a moment, else of the last look. */
  async status(): Promise<PipelineStatus> {
    this.#askedMs = this.#nowMs();
    if (!this.#running && !this.#closing.signal.aborted) {
      const first = this.#step();
      const found = first.then(({ rest }) => rest);
      this.#firstLook = Promise.race([found, delay(FIRST_LOOK_MS, undefined, { ref: false })]);
      this.#running = first
        .then(() => this.#run())
        .finally(() => {
          this.#running = undefined;
        });
    }
    await this.#firstLook;
    return this.#status;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    const works = [this.#survey, this.#follow, this.#gold, this.#rejects, this.#batch];
    await Promise.all(works.map((work) => work.ended()));
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { clock } = this.#options;
    while (!signal.aborted && this.#nowMs() - this.#askedMs < IDLE_MS) {
      await clock.sleep(STEP_MS, signal);
      if (!signal.aborted) await this.#step();
    }
  }

  /** Looks at the warehouse, and begins whatever else has its turn. The result ends with all of that. */
  async #step(): Promise<{ rest: Promise<unknown> }> {
    await this.#warehouse.refresh();
    this.#status = this.#described();
    const work = [
      this.#survey,
      this.#gold,
      this.#rejects,
      this.#batch,
      ...(this.#surveyed && !this.#survey.isDue ? [this.#follow] : []),
    ];
    return { rest: Promise.all(work.filter(({ isDue }) => isDue).map((one) => one.run())) };
  }

  async #lookAtLake(): Promise<void> {
    const { lake, clock } = this.#options;
    this.#surveying = new LakeSurvey(lake, {
      inGold: (keys) => this.#warehouse.has(keys),
      clock,
      onInvalid: (message) => this.#warn("a pruned day", message),
      settledDays: this.#settledDays,
      signal: this.#closing.signal,
    });
    try {
      await this.#surveying.look();
      this.#surveyed = this.#surveying;
    } finally {
      this.#surveying = undefined;
    }
    this.#follow.postpone(0);
    await this.#readSchemas(this.#surveyed.schemas);
  }

  /** A schema is written once: only others have to be read again. */
  async #readSchemas(keys: readonly string[]): Promise<void> {
    const names = keys.join("\n");
    if (names === this.#schemas.keys) return;
    const found = await schemaChanges(this.#options.lake.silver, keys);
    const changes = found.flatMap(({ dataset, changes: texts, noticed_at: at }) =>
      texts.map((change) => ({ dataset, at, change })),
    );
    this.#schemas = { keys: names, changes };
  }

  #described(): PipelineStatus {
    const { lake, clock } = this.#options;
    const known = {
      survey: this.#surveyed,
      gold: this.#goldFigures,
      takenIn: this.#warehouse.takenIn,
      schemaChanges: this.#schemas.changes,
      samples: this.#samples,
      batchRuns: this.#batchRuns,
    };
    return describePipeline(lake, known, clock.now());
  }

  /** Work that never fails: what cannot be looked at is told once, and keeps the figures that it had. */
  #told(what: string, look: () => Promise<void>): () => Promise<void> {
    return async () => {
      try {
        await look();
        this.#said.delete(what);
      } catch (error) {
        if (!this.#closing.signal.aborted)
          this.#warn(what, `${what} cannot be looked at: ${messageOf(error)}`);
      }
      this.#status = this.#described();
    };
  }

  #warn(what: string, message: string): void {
    if (this.#said.get(what) !== message) this.#options.logger.warn(message);
    this.#said.set(what, message);
  }

  #nowMs(): number {
    return this.#options.clock.now().getTime();
  }
}
