import { compareKeys, formatCents, formatUnitsShort } from "@ingot/common";
import type { Figure, SalesRow } from "../api/contract.ts";
import type { Sums } from "./exact-sums.ts";
import type { Labels } from "./labels.ts";

const NO_SALES: SalesRow = { orders: 0, quantity: 0, revenue: 0 };

/** Rounded half up to cents. @param units of 1/10000 */
export function money(units: bigint): number {
  return Number(formatCents(units));
}

export function salesRow(sums: Sums | undefined): SalesRow {
  if (!sums) return NO_SALES;
  return {
    orders: sums.orders,
    quantity: Number(formatUnitsShort(sums.quantity)),
    revenue: money(sums.revenue),
  };
}

/** Cut off to whole 1/10000 before it is rounded, as gold does. */
export function averageOrderValue({ orders, revenue }: Sums): number | null {
  return orders === 0 ? null : money(revenue / BigInt(orders));
}

export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

export function figure(value: number | null, previous: number | null): Figure {
  const isComparable = value !== null && previous !== null && previous !== 0;
  return { value, previous, change: isComparable ? (value - previous) / previous : null };
}

/** Names with what they sold, the greatest revenue first, those of equal revenue by name, as gold has them. */
export function byRevenue(
  groups: Iterable<readonly [label: number, sums: Sums]>,
  labels: Labels,
): { name: string; sums: Sums }[] {
  const rows = Array.from(groups, ([label, sums]) => ({ name: labels.nameOf(label), sums }));
  return rows.sort((a, b) => compareBigInts(b.sums.revenue, a.sums.revenue) || compareKeys(a.name, b.name));
}

export function compareBigInts(a: bigint, b: bigint): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
