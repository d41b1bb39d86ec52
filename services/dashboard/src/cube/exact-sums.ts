/** Sums of integers up to here are exact in a float. */
export const MOST_EXACT = Number.MAX_SAFE_INTEGER;

/**
 * Sums of integers for many groups: of floats for as long as these are exact, then of bigints. Whoever adds to `floats`
 * says so beforehand (see `SalesSums.expect`).
 */
export class ExactSums {
  readonly floats: Float64Array;
  #settled: bigint[] | undefined;

  constructor(groups: number) {
    this.floats = new Float64Array(groups);
  }

  /** Makes room in `floats`. */
  settle(): void {
    this.#settled ??= Array.from(this.floats, () => 0n);
    for (let group = 0; group < this.floats.length; group++) {
      if (this.floats[group] === 0) continue;
      this.#settled[group]! += BigInt(this.floats[group]!);
      this.floats[group] = 0;
    }
  }

  of(group: number): bigint {
    return BigInt(this.floats[group]!) + (this.#settled?.[group] ?? 0n);
  }
}

export interface Sums {
  orders: number;
  /** Integers of 1/10000, as is the revenue. */
  quantity: bigint;
  revenue: bigint;
}

/** Orders, quantity and revenue of many groups. */
export class SalesSums {
  readonly groups: number;
  readonly orders: Float64Array;
  readonly quantity: ExactSums;
  readonly revenue: ExactSums;

  constructor(groups: number) {
    this.groups = groups;
    this.orders = new Float64Array(groups);
    this.quantity = new ExactSums(groups);
    this.revenue = new ExactSums(groups);
  }

  settle(): void {
    this.quantity.settle();
    this.revenue.settle();
  }

  of(group: number): Sums {
    return {
      orders: this.orders[group]!,
      quantity: this.quantity.of(group),
      revenue: this.revenue.of(group),
    };
  }

  /** The sums of some groups together, by the key that each has. */
  by(keyOf: (group: number) => number): Map<number, Sums> {
    const all = new Map<number, Sums>();
    for (let group = 0; group < this.groups; group++) {
      if (this.orders[group] === 0) continue;
      const sums = this.of(group);
      const known = all.get(keyOf(group));
      all.set(keyOf(group), known ? add(known, sums) : sums);
    }
    return all;
  }

  total(): Sums {
    return this.by(() => 0).get(0) ?? { orders: 0, quantity: 0n, revenue: 0n };
  }
}

function add(a: Sums, b: Sums): Sums {
  return {
    orders: a.orders + b.orders,
    quantity: a.quantity + b.quantity,
    revenue: a.revenue + b.revenue,
  };
}
