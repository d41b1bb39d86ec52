import type { SalesCell } from "@ingot/warehouse";
import { BlockBuilder, type CellBlock, type Rows } from "./cell-block.ts";
import { MOST_EXACT, type SalesSums } from "./exact-sums.ts";
import type { Labels } from "./labels.ts";
import type { Selection } from "./selection.ts";

/** Reads cells of a day, which come in the order of their products and channels. */
export class CellReader {
  readonly #labels: Labels;
  readonly #builder = new BlockBuilder();

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  read(cells: Iterable<SalesCell>): CellBlock[] {
    const blocks: CellBlock[] = [];
    const builder = this.#builder;
    const put = (kind: number, country: number, orders: number, quantity: number, revenue: number): void => {
      if (!builder.hasRoom(quantity, revenue)) blocks.push(builder.take());
      builder.add(kind, country, orders, quantity, revenue);
    };
    let [lastProduct, lastChannel, kind] = [-1, -1, -1];
    for (const [product, channel, countryLabel, orders, quantity, revenue] of cells) {
      if (product !== lastProduct || channel !== lastChannel) {
        [lastProduct, lastChannel] = [product, channel];
        kind = this.#labels.kindOf(product, channel);
      }
      const country = this.#labels.countryOf(countryLabel);
      if (typeof quantity === "number" && typeof revenue === "number")
        put(kind, country, orders, quantity, revenue);
      else
        for (const [index, [some, more]] of pieces(BigInt(quantity), BigInt(revenue)).entries())
          put(kind, country, index === 0 ? orders : 0, some, more);
    }
    if (!builder.isEmpty) blocks.push(builder.take());
    return blocks;
  }
}

interface Total {
  orders: number;
  quantity: number;
  revenue: number;
}

/** Adds the chosen cells of a block to sums that have room for them; answers what they are together. */
export function addBlock(
  block: CellBlock,
  selection: Selection,
  byKind: SalesSums,
  byCountry: SalesSums,
): Total {
  const { kinds: isKind, isEveryKind, countries: isCountry, isEveryCountry } = selection;
  if (isEveryKind) addRows(block.countries, isCountry, byCountry);
  else addCellsByCountry(block, isKind, isCountry, byCountry);
  if (isEveryCountry) return addRows(block.kinds, isKind, byKind);
  return addCellsByKind(block, isKind, isCountry, byKind);
}

function addRows({ keys, orders, quantities, revenues }: Rows, isChosen: Uint8Array, sums: SalesSums): Total {
  const allOrders = sums.orders;
  const allQuantities = sums.quantity.floats;
  const allRevenues = sums.revenue.floats;
  const total = { orders: 0, quantity: 0, revenue: 0 };
  for (let row = 0; row < keys.length; row++) {
    const key = keys[row]!;
    if (isChosen[key] === 0) continue;
    allOrders[key]! += orders[row]!;
    allQuantities[key]! += quantities[row]!;
    allRevenues[key]! += revenues[row]!;
    total.orders += orders[row]!;
    total.quantity += quantities[row]!;
    total.revenue += revenues[row]!;
  }
  return total;
}

function addCellsByKind(block: CellBlock, isKind: Uint8Array, isCountry: Uint8Array, sums: SalesSums): Total {
  const { keys: kinds, ends } = block.kinds;
  const { keys: countries, orders, quantities, revenues } = block.cells;
  const total = { orders: 0, quantity: 0, revenue: 0 };
  let at = 0;
  for (let run = 0; run < kinds.length; run++) {
    const kind = kinds[run]!;
    const end = ends[run]!;
    let [someOrders, someQuantity, someRevenue] = [0, 0, 0];
    for (at = isKind[kind] === 0 ? end : at; at < end; at++) {
      if (isCountry[countries[at]!] === 0) continue;
      someOrders += orders[at]!;
      someQuantity += quantities[at]!;
      someRevenue += revenues[at]!;
    }
    sums.orders[kind]! += someOrders;
    sums.quantity.floats[kind]! += someQuantity;
    sums.revenue.floats[kind]! += someRevenue;
    total.orders += someOrders;
    total.quantity += someQuantity;
    total.revenue += someRevenue;
  }
  return total;
}

function addCellsByCountry(
  block: CellBlock,
  isKind: Uint8Array,
  isCountry: Uint8Array,
  sums: SalesSums,
): void {
  const { keys: kinds, ends } = block.kinds;
  const { keys: countries, orders, quantities, revenues } = block.cells;
  const allOrders = sums.orders;
  const allQuantities = sums.quantity.floats;
  const allRevenues = sums.revenue.floats;
  let at = 0;
  for (let run = 0; run < kinds.length; run++) {
    const end = ends[run]!;
    for (at = isKind[kinds[run]!] === 0 ? end : at; at < end; at++) {
      const country = countries[at]!;
      if (isCountry[country] === 0) continue;
      allOrders[country]! += orders[at]!;
      allQuantities[country]! += quantities[at]!;
      allRevenues[country]! += revenues[at]!;
    }
  }
}

/** Two numbers as equally many addends that floats hold. */
function pieces(quantity: bigint, revenue: bigint): [number, number][] {
  const most = BigInt(MOST_EXACT);
  const taken: [number, number][] = [];
  for (let [q, r] = [quantity, revenue]; q > 0n || r > 0n; ) {
    const [some, more] = [q < most ? q : most, r < most ? r : most];
    taken.push([Number(some), Number(more)]);
    q -= some;
    r -= more;
  }
  return taken;
}
