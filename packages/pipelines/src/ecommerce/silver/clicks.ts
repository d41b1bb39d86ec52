import { isIPv4 } from "node:net";
import { parseInstant } from "../../values/instants.ts";
import { textOf } from "../../values/text.ts";
import type { Fields, Outcome, RuleContext } from "./outcome.ts";

/** A click without its IP address (contract: e-commerce, section 2). Every click counts; none is a duplicate. */
export function cleanClick(fields: Fields, { zone }: RuleContext): Outcome {
  const customerId = textOf(fields.customer_id)?.trim();
  const page = textOf(fields.page);
  if (customerId === undefined || page === undefined) return { reason: "invalid_text" };
  if (!isIPv4((textOf(fields.ip) ?? "").trim())) return { reason: "invalid_ip" };
  const instant = parseInstant(fields.ts, zone);
  if (!instant) return { reason: "invalid_ts" };
  return { values: [customerId, page, instant.utc], identity: undefined, version: "" };
}

/** Names the values of the bronze fields, given in their order. */
export const clickFields = (values: readonly unknown[]): Fields => ({
  customer_id: values[0],
  page: values[1],
  ip: values[2],
  ts: values[3],
});
