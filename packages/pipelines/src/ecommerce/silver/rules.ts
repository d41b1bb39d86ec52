import { createHash, createHmac } from "node:crypto";
import { timeZone } from "../../values/timezone.ts";
import type { DatasetName } from "../datasets.ts";
import { cleanClick, clickFields } from "./clicks.ts";
import { cleanCustomer, customerFields } from "./customers.ts";
import { cleanOrder, orderFields } from "./orders.ts";
import type { Fields, Rule, RuleContext, RuleOptions } from "./outcome.ts";

export type { RuleOptions } from "./outcome.ts";

/** The rule of each dataset: a pure function from a raw record to a clean one or a rejection. */
export const RULES: Readonly<Record<DatasetName, Rule>> = {
  customers: cleanCustomer,
  orders: cleanOrder,
  clicks: cleanClick,
};

/** Names the values of a dataset's bronze fields, given in their order. Records so named have one shape, and are read fast. */
export const FIELDS: Readonly<Record<DatasetName, (values: readonly unknown[]) => Fields>> = {
  customers: customerFields,
  orders: orderFields,
  clicks: clickFields,
};

export function createRuleContext(options: RuleOptions): RuleContext {
  const { businessTimezone, emailHashKey } = options;
  return {
    options: { businessTimezone, emailHashKey },
    zone: timeZone(businessTimezone),
    hashEmail: (email) => {
      const hash = emailHashKey === undefined ? createHash("sha256") : createHmac("sha256", emailHashKey);
      return hash.update(email, "utf8").digest("hex").slice(0, 16);
    },
  };
}
