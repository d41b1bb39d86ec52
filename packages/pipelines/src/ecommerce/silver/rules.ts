import { LowerCaseHashes } from "../../values/lower-case-hashes.ts";
import { timeZone } from "../../values/timezone.ts";
import type { DatasetName } from "../datasets.ts";
import { cleanClick } from "./clicks.ts";
import { cleanCustomer } from "./customers.ts";
import { cleanOrder } from "./orders.ts";
import type { Rule, RuleContext, RuleOptions } from "./rule.ts";

/** The rule of each dataset. */
export const RULES: Readonly<Record<DatasetName, Rule>> = {
  customers: cleanCustomer,
  orders: cleanOrder,
  clicks: cleanClick,
};

/** How much of a hash silver keeps, in hexadecimal digits (contract: e-commerce, section 2). */
export const HASH_DIGITS = 16;

export function createRuleContext({ businessTimezone, emailHashKey }: RuleOptions): RuleContext {
  return {
    options: { businessTimezone, emailHashKey },
    zone: timeZone(businessTimezone),
    emailHashes: new LowerCaseHashes(emailHashKey, HASH_DIGITS),
  };
}
