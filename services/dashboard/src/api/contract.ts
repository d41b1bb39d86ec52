/**
 * What the API answers, as the page and other clients read it. Types only: the page is compiled with them.
 *
 * Dates are `YYYY-MM-DD` in the business time zone, instants UTC in ISO 8601. Amounts are numbers of the currency with two
 * decimals, rounded half up from exact sums; quantities have up to four. A figure that does not exist (a mean of
 * nothing, a share of nobody) is `null`.
 */

export * from "./business.ts";
export * from "./gold.ts";
export * from "./pipeline.ts";
export * from "./stores.ts";

/** `GET /api/settings`: what the page has to know before it asks anything else. */
export interface PageSettings {
  version: string;
  /** ISO 4217. */
  currency: string;
  business_timezone: string;
}

/**
 * `GET /api/events`, server-sent events. `hello` at the beginning, `gold` whenever gold's KPIs have changed, `stores`
 * whenever the stores' metrics have, `status` whenever the pipeline's figures have.
 */
export interface LiveEvents {
  hello: { version: string; gold: string; stores: string };
  gold: { gold: string; updated_at: string };
  stores: { stores: string; updated_at: string };
  status: { at: string };
}

/** Every answer with a status of 400 and above. */
export interface ApiError {
  error: {
    /** A fixed name, such as `invalid_parameter`, `not_found`, `unauthorized`, `query_timeout`, `warehouse_missing`. */
    code: string;
    /** What happened and what to do. */
    message: string;
    /** The parameter at fault. */
    parameter?: string;
  };
}
