import type { TimeZone } from "../../values/timezone.ts";

/** Why a readable record is not kept. Stable codes; users find them in quarantine and in status. */
export type RejectReason =
  | "missing_customer_id"
  | "missing_order_id"
  | "invalid_signup_date"
  | "invalid_order_ts"
  | "invalid_ts"
  | "invalid_ip"
  | "uncomputable_total"
  /** A number of 100 billion or more. */
  | "number_out_of_range"
  /** A nested value, or text that cannot be stored, where a plain text belongs. */
  | "invalid_text";

/** A clean record. */
export interface CleanRecord {
  /** In the order of the dataset's silver columns. */
  values: readonly string[];
  /** What may occur only once; `undefined` where every record counts. */
  identity: string | undefined;
  /** Of two records with one identity the greater version stays, as text; on a tie the later one. */
  version: string;
}

/** What a rule makes of a record. */
export type Outcome = CleanRecord | { reason: RejectReason };

/** A raw record. */
export type Fields = Readonly<Record<string, unknown>>;

export interface RuleOptions {
  /** IANA name. */
  businessTimezone: string;
  /** With a key the e-mail hash is an HMAC, which nobody can compute for a guessed address. */
  emailHashKey: string | undefined;
}

/** What the rules need to know beside the record. */
export interface RuleContext {
  /** What it was made of, for other threads to make their own. */
  options: RuleOptions;
  zone: TimeZone;
  hashEmail(email: string): string;
}

export type Rule = (fields: Fields, context: RuleContext) => Outcome;
