import type { SalesFilter } from "../api/contract.ts";
import type { Labels } from "./labels.ts";

/** A filter without its period, as tables to look into: 1 for what is chosen. */
export interface Selection {
  kinds: Uint8Array;
  isEveryKind: boolean;
  countries: Uint8Array;
  isEveryCountry: boolean;
}

export function selectionOf(
  { product, channel, country }: Pick<SalesFilter, "product" | "channel" | "country">,
  labels: Labels,
): Selection {
  const isProduct = chosen(product, labels);
  const isChannel = chosen(channel, labels);
  const isCountry = chosen(country, labels);
  const kinds = new Uint8Array(labels.kinds);
  for (let kind = 0; kind < kinds.length; kind++) {
    const isIn =
      isProduct(labels.productOfKind.values[kind]!) && isChannel(labels.channelOfKind.values[kind]!);
    kinds[kind] = isIn ? 1 : 0;
  }
  const countries = new Uint8Array(labels.countries);
  for (let number = 0; number < countries.length; number++)
    countries[number] = isCountry(labels.labelOfCountry(number)) ? 1 : 0;
  return {
    kinds,
    isEveryKind: product.length === 0 && channel.length === 0,
    countries,
    isEveryCountry: country.length === 0,
  };
}

/** No name means all of them. */
function chosen(names: readonly string[], labels: Labels): (label: number) => boolean {
  if (names.length === 0) return () => true;
  const ids = new Set(names.map((name) => labels.idOf(name)));
  return (label) => ids.has(label);
}
