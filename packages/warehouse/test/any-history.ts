import fc from "fast-check";
import { clicks, customers, order, orders } from "./silver-rows.ts";

/** Ids that are easily mistaken for one another: the short keys of some are equal in the SQLite warehouse. */
const similar = (letters: readonly string[], count: number) =>
  fc
    .tuple(fc.constantFrom(...letters), fc.nat({ max: count - 1 }))
    .map(([letter, index]) => `${letter}${index}`);
const few = (prefix: string, count: number) => fc.nat({ max: count - 1 }).map((index) => `${prefix}${index}`);
const instant = fc
  .tuple(fc.constantFrom("01", "02"), fc.nat({ max: 2 }))
  .map(([day, microsecond]) => `2024-03-${day}T10:00:00.00000${microsecond}Z`);
const anyOrder = fc.record({
  orderId: similar(["O", "o", "_"], 2),
  customerId: similar(["C", "c"], 2),
  product: few("P", 3),
  quantity: fc.option(fc.nat({ max: 5 }).map((count) => count * 10_000)),
  unitPrice: fc.option(fc.nat({ max: 1_000_000 })),
  total: fc.nat({ max: 3 }),
  ts: instant,
  channel: few("ch", 2),
});
const anyOrders = fc
  .array(anyOrder, { maxLength: 5 })
  .map((rows) => rows.map((row) => order(row.orderId, row)));
const anyClicks = fc.array(
  fc.record({
    customerId: similar(["C", ""], 2),
    page: fc.constantFrom("", "/", "P1", "France"),
    ts: instant,
  }),
  { maxLength: 5 },
);
const anyCustomers = fc.array(
  fc.record({ customerId: similar(["C", "c"], 2), country: fc.constantFrom("NA", "France", "Spain") }),
  { maxLength: 3 },
);
export const anyObjects = fc
  .array(
    fc.oneof(
      anyOrders.map((rows) => orders("", ...rows)),
      anyCustomers.map((rows) => customers("", ...rows)),
      anyClicks.map((rows) => clicks("", ...rows)),
    ),
    {
      minLength: 1,
      maxLength: 7,
    },
  )
  // Keys are unique; their order has nothing to do with the order in which the objects were drawn.
  .map((objects) => objects.map((object, index) => ({ ...object, bronzeKey: `k${(index * 5 + 3) % 8}` })));
export const history = fc.record({
  objects: anyObjects,
  batches: fc.array(fc.array(fc.nat({ max: 6 }), { maxLength: 4 }), {
    maxLength: 6,
  }),
});
