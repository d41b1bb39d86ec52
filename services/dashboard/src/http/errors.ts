import { IngotError } from "@ingot/common";
import type { FastifyError, FastifySchemaValidationError } from "fastify";
import type { ApiError } from "../api/contract.ts";
import { API_ERRORS, type ApiErrorCode } from "./api-errors.ts";

interface Details {
  /** The parameter at fault. */
  parameter?: string;
  headers?: Readonly<Record<string, string>>;
  /** Where it is not the usual one of the code. */
  status?: number;
  cause?: unknown;
}

/** A request that is answered with an `ApiError`. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: number;
  readonly code: ApiErrorCode;
  readonly parameter: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ApiErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status ?? API_ERRORS[code].status;
    this.parameter = details.parameter;
    this.headers = details.headers ?? (this.status === 503 ? { "retry-after": "1" } : {});
  }

  /** The answer's content. */
  get body(): string {
    const { code, message, parameter } = this;
    const answer: ApiError = { error: { code, message, ...(parameter === undefined ? {} : { parameter }) } };
    return `${JSON.stringify(answer)}\n`;
  }
}

export function invalidParameter(parameter: string, message: string): RequestError {
  return new RequestError("invalid_parameter", message, { parameter });
}

/**
 * What clients are told of errors inside. Messages of those inside say where things lie, which is for the log; `undefined`
 * is for those that speak of nothing but what was asked.
 */
const INSIDE = {
  invalid_parameter: undefined,
  object_missing: undefined,
  invalid_key: undefined,
  too_many_rows: undefined,
  query_timeout:
    "The query took too long. Ask for a shorter period or fewer values, or try again in a moment.",
  object_changed: "The object changed while it was read. Try again.",
  storage_unavailable: "The storage does not answer. Try again in a moment.",
  storage_denied: "The storage refuses the dashboard. The dashboard's log says what it asked for.",
  bucket_missing: "The lake does not exist yet. `npm start` or `ingot init` makes it.",
  warehouse_missing: "There is no warehouse yet. The aggregator makes it from the first cleaned files.",
  warehouse_busy: "The warehouse is in use. Try again in a moment.",
  warehouse_invalid: "The warehouse cannot be read. `ingot rebuild` makes it anew.",
} as const satisfies Partial<Record<ApiErrorCode, string | undefined>>;

const isTold = (code: string): code is keyof typeof INSIDE => Object.hasOwn(INSIDE, code);

/** What a client is told of anything that was thrown, and whether the log has to tell more. */
export function asRequestError(
  error: unknown,
  requestId: string,
): { answer: RequestError; isLogged: boolean } {
  if (error instanceof RequestError) return { answer: error, isLogged: false };
  if (error instanceof IngotError && isTold(error.code)) {
    const { variable: parameter } = error.context;
    const answer = new RequestError(error.code, INSIDE[error.code] ?? error.message, { parameter });
    // A lake whose pipelines all work in batches never has a warehouse.
    return { answer, isLogged: answer.status === 503 && error.code !== "warehouse_missing" };
  }
  const refused = asFrameworkError(error);
  if (refused) return { answer: refused, isLogged: false };
  const message = `Something went wrong inside. The dashboard's log says what, under the request id ${requestId}.`;
  return { answer: new RequestError("internal_error", message, { cause: error }), isLogged: true };
}

/** The codes of what Fastify and Node refuse by themselves, by status. */
const REFUSALS: Readonly<Record<number, ApiErrorCode>> = {
  400: "invalid_request",
  403: "not_found",
  404: "not_found",
  405: "method_not_allowed",
  408: "request_timeout",
  413: "too_large",
  414: "too_large",
  415: "invalid_request",
  431: "too_large",
};

function asFrameworkError(error: unknown): RequestError | undefined {
  const { validation, validationContext, statusCode = 0, message } = (error ?? {}) as Partial<FastifyError>;
  const first = validation?.[0];
  if (first) return refusalOf(first, validationContext === "params");
  if (statusCode < 400 || statusCode >= 500) return undefined;
  const code = REFUSALS[statusCode] ?? "invalid_request";
  // A path that no file can have is one that does not exist.
  if (code === "not_found")
    return new RequestError(code, "There is no such address. /api/docs describes all.");
  return new RequestError(code, `${message ?? "The request cannot be answered"}.`, { status: statusCode });
}

/** @param isPath an address with another value does not exist */
function refusalOf(
  { instancePath, keyword, params, message }: FastifySchemaValidationError,
  isPath: boolean,
): RequestError {
  const [, inPath = ""] = instancePath.split("/");
  const parameter = String(params.additionalProperty ?? params.missingProperty ?? inPath);
  const said = ((): string => {
    if (keyword === "additionalProperties") return `${parameter} is no parameter of this address`;
    if (keyword === "required") return `${parameter} is missing`;
    if (keyword === "enum")
      return `${parameter} must be one of ${(params.allowedValues as string[]).join(", ")}`;
    if (keyword === "format" && params.format === "date") return `${parameter} must be a day, as 2025-01-31`;
    return `${parameter} ${message}`;
  })();
  const code = isPath ? "not_found" : "invalid_parameter";
  return new RequestError(code, `${said}. /api/docs describes all parameters.`, { parameter });
}
