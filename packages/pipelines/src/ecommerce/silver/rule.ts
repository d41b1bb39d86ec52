import type { Cells } from "@ingot/engine/records";
import type { LowerCaseHashes } from "../../values/lower-case-hashes.ts";
import type { TimeZone } from "../../values/timezone.ts";
import type { SilverRows } from "./silver-rows.ts";

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
  emailHashes: LowerCaseHashes;
}

/**
 * Cleans one record: writes its silver row, or says why it is not kept and writes nothing.
 *
 * @param record its bronze fields, in their order; a rule may trim them
 */
export type Rule = (record: Cells, silver: SilverRows, context: RuleContext) => RejectReason | undefined;
