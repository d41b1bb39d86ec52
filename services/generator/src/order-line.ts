import { isoTimestamp, otherTimestamp } from "./calendar.ts";
import type { Product } from "./catalogue.ts";
import type { FaultRates } from "./faults.ts";
import type { Random } from "./random.ts";

export interface Order {
  id: string;
  customerId: string;
  product: Product;
  quantity: number;
  channel: string;
}

export interface OrderLine {
  /** One JSON object, without a comma after it. */
  json: string;
  /** The instant that the line says; `undefined` where the line has no valid instant or no id. */
  saysMs: number | undefined;
}

/** How a field looks that has no value; the first: it is not there at all. */
const ABSENT = [undefined, "null", '""'];
const NO_ID = [...ABSENT, '"  "'];
const GARBLED_TOTALS = ['"n/a"', '"NaN"', '"12,50 EUR"', '"--"'];
const INVALID_TIMESTAMPS = [
  '"2026-02-30T10:15:00Z"',
  '"32/13/2025"',
  '"2026-01-15T25:61:00Z"',
  '"31/04/2026 09:30:00"',
  '"yesterday"',
  '""',
  "null",
];

/** An order as it stands in a file, with whatever faults the draws give it. */
export function orderLine(order: Order, instantMs: number, faults: FaultRates, random: Random): OrderLine {
  const quantity = random.chance(faults.negative_quantity) ? -order.quantity : order.quantity;
  const price = (random.chance(faults.negative_price) ? -order.product.cents : order.product.cents) / 100;
  const asText = random.chance(faults.number_as_text);
  const hasId = !random.chance(faults.missing_order_id);
  const hasChannel = !random.chance(faults.missing_channel);
  const when = writtenTimestamp(instantMs, faults, random);
  const fields = [
    field("order_id", hasId ? `"${order.id}"` : random.pick(NO_ID)),
    field("customer_id", `"${order.customerId}"`),
    field("product", JSON.stringify(order.product.name)),
    field("quantity", asText ? `"${quantity}"` : String(quantity)),
    field("unit_price", asText ? `"${price.toFixed(2)}"` : String(price)),
    field("total_amount", writtenTotal(order, quantity, asText, faults, random)),
    field("order_ts", when.json),
    field("channel", hasChannel ? `"${order.channel}"` : random.pick(ABSENT)),
  ];
  return { json: `{${fields.join("").slice(0, -1)}}`, saysMs: hasId ? when.saysMs : undefined };
}

function field(name: string, json: string | undefined): string {
  return json === undefined ? "" : `"${name}":${json},`;
}

/** Of orders with a negative quantity, half have a total that is negative too, half have kept the right one. */
function writtenTotal(
  order: Order,
  quantity: number,
  asText: boolean,
  faults: FaultRates,
  random: Random,
): string | undefined {
  const missing = random.chance(faults.missing_total);
  const garbled = random.chance(faults.garbled_total);
  if (missing) return random.pick(ABSENT);
  if (garbled) return random.pick(GARBLED_TOTALS);
  const counted = quantity < 0 && random.chance(0.5) ? quantity : order.quantity;
  const total = (counted * order.product.cents) / 100;
  return asText ? `"${total.toFixed(2)}"` : String(total);
}

function writtenTimestamp(instantMs: number, faults: FaultRates, random: Random): OrderLine {
  const invalid = random.chance(faults.invalid_timestamp);
  const otherFormat = random.chance(faults.mixed_timestamp_format);
  if (invalid) return { json: random.pick(INVALID_TIMESTAMPS), saysMs: undefined };
  if (!otherFormat) return { json: `"${isoTimestamp(instantMs)}"`, saysMs: instantMs };
  const { written, saysMs } = otherTimestamp(instantMs, random);
  return { json: JSON.stringify(written), saysMs };
}
