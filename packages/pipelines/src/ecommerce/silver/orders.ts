import { formatUnits, formatUnitsShort, multiplyUnits, type Units } from "@ingot/common";
import { parseInstant } from "../../values/instants.ts";
import { textOf, unitsOf } from "../../values/text.ts";
import type { Fields, Outcome, RuleContext } from "./outcome.ts";

/** An order, corrected (contract: e-commerce, section 2). Of equal order_ids the greatest order_ts stays. */
export function cleanOrder(fields: Fields, { zone }: RuleContext): Outcome {
  const orderId = textOf(fields.order_id)?.trim();
  if (orderId === undefined) return { reason: "invalid_text" };
  if (orderId === "") return { reason: "missing_order_id" };
  const instant = parseInstant(fields.order_ts, zone);
  if (!instant) return { reason: "invalid_order_ts" };
  const customerId = textOf(fields.customer_id)?.trim();
  const product = textOf(fields.product);
  const channel = textOf(fields.channel)?.trim();
  if (customerId === undefined || product === undefined || channel === undefined) {
    return { reason: "invalid_text" };
  }
  const quantity = notNegative(unitsOf(fields.quantity));
  const unitPrice = notNegative(unitsOf(fields.unit_price));
  const givenTotal = unitsOf(fields.total_amount);
  if (quantity === "out_of_range" || unitPrice === "out_of_range" || givenTotal === "out_of_range") {
    return { reason: "number_out_of_range" };
  }
  const total = givenTotal !== undefined && givenTotal >= 0 ? givenTotal : computeTotal(quantity, unitPrice);
  if (total === undefined) return { reason: "uncomputable_total" };
  if (total === "out_of_range") return { reason: "number_out_of_range" };
  return {
    values: [
      orderId,
      customerId,
      product,
      quantity === undefined ? "" : formatUnitsShort(quantity),
      unitPrice === undefined ? "" : formatUnits(unitPrice),
      formatUnits(total),
      instant.utc,
      instant.date,
      channel === "" ? "unknown" : channel,
    ],
    identity: orderId,
    version: instant.utc,
  };
}

function notNegative<T extends Units | undefined | "out_of_range">(value: T): T | 0 {
  return typeof value === "number" && value < 0 ? 0 : value;
}

function computeTotal(quantity: Units | undefined, unitPrice: Units | undefined) {
  return quantity === undefined || unitPrice === undefined ? undefined : multiplyUnits(quantity, unitPrice);
}

/** Names the values of the bronze fields, given in their order. */
export const orderFields = (values: readonly unknown[]): Fields => ({
  order_id: values[0],
  customer_id: values[1],
  product: values[2],
  quantity: values[3],
  unit_price: values[4],
  total_amount: values[5],
  order_ts: values[6],
  channel: values[7],
});
