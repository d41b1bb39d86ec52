/** All codes of `ApiError` with their usual status, as the API's documentation lists them. */
export const API_ERRORS = {
  invalid_request: { status: 400, meaning: "The request cannot be read." },
  invalid_parameter: { status: 400, meaning: "A parameter is wrong or unknown; `parameter` names it." },
  invalid_key: { status: 400, meaning: "No object can have such a key." },
  unauthorized: { status: 401, meaning: "The token is missing or wrong." },
  not_found: { status: 404, meaning: "There is no such address, KPI or table, or nothing in it yet." },
  object_missing: { status: 404, meaning: "There is no such object." },
  method_not_allowed: { status: 405, meaning: "Only GET and HEAD are allowed." },
  request_timeout: { status: 408, meaning: "The request did not arrive in time." },
  too_large: { status: 431, meaning: "The request's address or headers are too long (or 413, 414)." },
  invalid_host: { status: 421, meaning: "The dashboard answers as localhost only." },
  too_many_rows: { status: 422, meaning: "An Excel sheet has no room for so many rows." },
  query_failed: { status: 422, meaning: "An object is not what its name says." },
  too_many_attempts: { status: 429, meaning: "Too many wrong tokens; wait." },
  internal_error: {
    status: 500,
    meaning: "Something went wrong inside; the log has it under the id that the message names.",
  },
  too_many_clients: { status: 503, meaning: "Too many pages listen to events." },
  object_changed: { status: 503, meaning: "An object changed while it was read; try again." },
  storage_unavailable: { status: 503, meaning: "The storage does not answer; try again." },
  storage_denied: { status: 503, meaning: "The storage refuses the dashboard." },
  bucket_missing: { status: 503, meaning: "The lake does not exist yet." },
  warehouse_missing: { status: 503, meaning: "There is no warehouse yet." },
  warehouse_busy: { status: 503, meaning: "The warehouse is in use; try again." },
  warehouse_invalid: { status: 503, meaning: "The warehouse cannot be read." },
  query_timeout: { status: 504, meaning: "The time-out passed." },
} as const;

export type ApiErrorCode = keyof typeof API_ERRORS;
