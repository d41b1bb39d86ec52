import { multiplyUnits, type Units } from "@ingot/common/money";
import type { Cells } from "@ingot/engine/records";
import { instantOf } from "../../values/instants.ts";
import { isEmpty, isUsable, trim, unitsOf } from "../../values/text.ts";
import type { RejectReason, RuleContext } from "./rule.ts";
import type { SilverRows } from "./silver-rows.ts";

/** The bronze fields, in their order. */
const ORDER_ID = 0;
const CUSTOMER_ID = 1;
const PRODUCT = 2;
const QUANTITY = 3;
const UNIT_PRICE = 4;
const TOTAL_AMOUNT = 5;
const ORDER_TS = 6;
const CHANNEL = 7;

/** An order, corrected (contract: e-commerce, section 2). Of equal order_ids the greatest order_ts stays. */
export function cleanOrder(
  order: Cells,
  silver: SilverRows,
  { zone }: RuleContext,
): RejectReason | undefined {
  if (!isUsable(order, ORDER_ID)) return "invalid_text";
  trim(order, ORDER_ID);
  if (isEmpty(order, ORDER_ID)) return "missing_order_id";
  const instant = instantOf(order, ORDER_TS, zone);
  if (!instant) return "invalid_order_ts";
  if (!isUsable(order, CUSTOMER_ID) || !isUsable(order, PRODUCT) || !isUsable(order, CHANNEL)) {
    return "invalid_text";
  }
  const quantity = notNegative(unitsOf(order, QUANTITY));
  const unitPrice = notNegative(unitsOf(order, UNIT_PRICE));
  const givenTotal = unitsOf(order, TOTAL_AMOUNT);
  if (quantity === "out_of_range" || unitPrice === "out_of_range" || givenTotal === "out_of_range") {
    return "number_out_of_range";
  }
  const total = givenTotal !== undefined && givenTotal >= 0 ? givenTotal : computeTotal(quantity, unitPrice);
  if (total === undefined) return "uncomputable_total";
  if (total === "out_of_range") return "number_out_of_range";
  trim(order, CUSTOMER_ID);
  trim(order, CHANNEL);

  silver.cell(order, ORDER_ID);
  silver.cell(order, CUSTOMER_ID);
  silver.cell(order, PRODUCT);
  silver.quantity(quantity);
  silver.amount(unitPrice);
  silver.amount(total);
  silver.instant(instant);
  silver.date(instant);
  if (isEmpty(order, CHANNEL)) silver.text("unknown");
  else silver.cell(order, CHANNEL);
  silver.identify(ORDER_ID, instant);
  return undefined;
}

function notNegative<T extends Units | undefined | "out_of_range">(value: T): T | 0 {
  return typeof value === "number" && value < 0 ? 0 : value;
}

function computeTotal(quantity: Units | undefined, unitPrice: Units | undefined) {
  return quantity === undefined || unitPrice === undefined ? undefined : multiplyUnits(quantity, unitPrice);
}
