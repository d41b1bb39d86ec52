import { createHash, createHmac } from "node:crypto";
import { timeZone } from "../../values/timezone.ts";
import type { DatasetName } from "../datasets.ts";
import { cleanClick } from "./clicks.ts";
import { cleanCustomer } from "./customers.ts";
import { cleanOrder } from "./orders.ts";
import type { Rule, RuleContext } from "./outcome.ts";

/** The rule of each dataset: a pure function from a raw record to a clean one or a rejection. */
export const RULES: Readonly<Record<DatasetName, Rule>> = {
  customers: cleanCustomer,
  orders: cleanOrder,
  clicks: cleanClick,
};

export interface RuleOptions {
  /** IANA name. */
  businessTimezone: string;
  /** With a key the e-mail hash is an HMAC, which nobody can compute for a guessed address. */
  emailHashKey: string | undefined;
}

export function createRuleContext({ businessTimezone, emailHashKey }: RuleOptions): RuleContext {
  return {
    zone: timeZone(businessTimezone),
    hashEmail: (email) => {
      const hash = emailHashKey === undefined ? createHash("sha256") : createHmac("sha256", emailHashKey);
      return hash.update(email, "utf8").digest("hex").slice(0, 16);
    },
  };
}
