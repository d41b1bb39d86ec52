import { LowerCaseHashes } from "../../values/lower-case-hashes.ts";
import { timeZone } from "../../values/timezone.ts";
import type { RuleContext, RuleOptions } from "./rule.ts";

/** How much of a hash silver keeps, in hexadecimal digits (contract: e-commerce, section 2). */
export const HASH_DIGITS = 16;

export function createRuleContext({ businessTimezone, emailHashKey }: RuleOptions): RuleContext {
  return {
    options: { businessTimezone, emailHashKey },
    zone: timeZone(businessTimezone),
    emailHashes: new LowerCaseHashes(emailHashKey, HASH_DIGITS),
  };
}
