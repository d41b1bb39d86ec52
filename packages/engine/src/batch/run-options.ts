import type { Clock, Lake, Logger } from "@ingot/common";
import type { RunRecord, RunStep, Trigger } from "./run-record.ts";

/** Values that a month is to have, by table and measure, as a file gives them. */
export interface Expectation {
  table: string;
  /** `rows`, or a measure that the table declares. */
  measure: string;
  /** A decimal number. */
  value: string;
  /** How far the figure may be from it, a decimal number; 0 where it is absent. */
  tolerance?: string;
}

export interface RunOptions {
  lake: Lake;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
  trigger: Trigger;
  /** The time on the schedule that the run stands for. */
  due?: Date | undefined;
  attempt?: number | undefined;
  /** Days or months, inclusive: `2026-01-01`, of months the first seven characters count. */
  from?: string | undefined;
  to?: string | undefined;
  expectations?: readonly Expectation[] | undefined;
  /** Make everything anew, whatever earlier runs left. */
  anew?: boolean | undefined;
  /** Runs of deliverables kept beside the newest. */
  goldHistory: number;
  /** ISO 4217. */
  currency: string;
  /** Told whenever a step begins, advances or ends, and of the run itself. The record is the run's own: to be read at once. */
  onChange?: ((record: Readonly<RunRecord>, step: Readonly<RunStep> | undefined) => void) | undefined;
}
