/**
 * What went wrong, as a short stable code. `transient` codes are worth another try by themselves; the
 * others need somebody to change something first.
 */
export const ERROR_CODES = {
  /** An option has a value that is not allowed. */
  invalid_option: { transient: false, exitCode: 2 },
  /** A command was called in a way that makes no sense. */
  usage: { transient: false, exitCode: 2 },
  /** The storage did not answer, or answered that it cannot right now. */
  storage_unavailable: { transient: true, exitCode: 1 },
  /** The storage refused: credentials or permissions. */
  storage_denied: { transient: false, exitCode: 1 },
  /** A bucket or folder that should exist does not. */
  bucket_missing: { transient: false, exitCode: 1 },
  /** A bucket's or folder's name is taken by something else. */
  bucket_taken: { transient: false, exitCode: 1 },
  /** An object that should exist does not. */
  object_missing: { transient: false, exitCode: 1 },
  /** An object changed while it was being read. */
  object_changed: { transient: true, exitCode: 1 },
  /** An object's name cannot be used on this storage. */
  invalid_key: { transient: false, exitCode: 1 },
  /** Another process holds the warehouse. */
  warehouse_busy: { transient: true, exitCode: 1 },
  /** There is no warehouse, or nothing in it yet. */
  warehouse_missing: { transient: false, exitCode: 1 },
  /** The warehouse cannot be used as it is. */
  warehouse_invalid: { transient: false, exitCode: 1 },
  /** A silver object does not have the form that the contract gives it. */
  silver_invalid: { transient: false, exitCode: 1 },
  /** Rows that are in a Parquet file only cannot be found there. */
  silver_incomplete: { transient: false, exitCode: 1 },
  /** A file in bronze is none of the source that its name says: a field is missing, or it cannot be read at all. */
  source_invalid: { transient: false, exitCode: 1 },
  /** A file that a run needs is not in bronze. */
  input_missing: { transient: false, exitCode: 1 },
  /** A query is no valid SQL, or names what does not exist. */
  query_failed: { transient: false, exitCode: 1 },
  /** A question was not answered within the time that it may take. */
  query_timeout: { transient: true, exitCode: 1 },
  /** An Excel file has no room for so many rows. */
  too_many_rows: { transient: false, exitCode: 1 },
  /** A question has a parameter that is not allowed. */
  invalid_parameter: { transient: false, exitCode: 2 },
  /** A KPI's SQL cannot be run. */
  kpi_failed: { transient: false, exitCode: 1 },
  /** A check of the data failed whose severity is `error`. */
  check_failed: { transient: false, exitCode: 1 },
  /** Some objects could not be worked off. */
  incomplete: { transient: false, exitCode: 1 },
  /** Another process runs the pipeline. */
  run_busy: { transient: true, exitCode: 1 },
  /** A run took longer than its pipeline allows. */
  run_timeout: { transient: true, exitCode: 1 },
  /** A check of the deployment failed. */
  unhealthy: { transient: false, exitCode: 1 },
} as const satisfies Record<string, { transient: boolean; exitCode: number }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Where it went wrong, for logs and messages. */
export interface ErrorContext {
  layer?: string;
  key?: string;
  line?: number;
  variable?: string;
}

/**
 * The one error type of the product. Its message says what happened, where, and what to do.
 */
export class IngotError extends Error {
  override readonly name = "IngotError";
  readonly code: ErrorCode;
  readonly context: ErrorContext;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; context?: ErrorContext } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.context = options.context ?? {};
  }

  /** True where the same call may succeed later without anybody's help. */
  get transient(): boolean {
    return ERROR_CODES[this.code].transient;
  }

  /** The exit code of a command that ends with this error: 2 for wrong usage, 1 for a failure. */
  get exitCode(): number {
    return ERROR_CODES[this.code].exitCode;
  }
}

/** True for an error that says nothing of what was asked: the same call may succeed later without anybody's help. */
export function isTransient(error: unknown): boolean {
  return error instanceof IngotError && error.transient;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
