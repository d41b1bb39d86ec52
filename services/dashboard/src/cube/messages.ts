import { type ErrorCode, type ErrorContext, IngotError, messageOf } from "@ingot/common";
import type { FilterChoices, SalesFilter, SalesReport, SalesTable } from "../api/contract.ts";
import type { SalesTableRows } from "./tables.ts";

/** What the thread is started with. */
export interface ThreadData {
  file: string;
  timezone: string;
}

export type Question =
  | { kind: "report"; filter: SalesFilter }
  | { kind: "table"; name: SalesTable; filter: SalesFilter }
  | { kind: "choices" };

export interface Answers {
  report: SalesReport;
  table: SalesTableRows;
  choices: Omit<FilterChoices, "today">;
}

export type Request =
  | "refresh"
  /** `deadline` is by `sharedNow`. */
  | { id: number; question: Question; deadline: number; timeoutMs: number };

export type Answer = { id: number; result: Answers[Question["kind"]] } | { id: number; failure: Failure };

/** An error without what gets lost between threads. */
export interface Failure {
  code: ErrorCode | undefined;
  message: string;
  context: ErrorContext;
}

export function toFailure(error: unknown): Failure {
  if (error instanceof IngotError)
    return { code: error.code, message: error.message, context: error.context };
  return { code: undefined, message: error instanceof Error ? error.stack! : messageOf(error), context: {} };
}

export function fromFailure({ code, message, context }: Failure): Error {
  return code === undefined ? new Error(message) : new IngotError(code, message, { context });
}
