import type { Cells } from "@ingot/engine/records";

const POINT = 0x2e;
const ZERO = 0x30;

/** True where a field's text is an IPv4 address: four numbers up to 255, without zeros in front. */
export function isIpv4({ bytes, starts, ends }: Cells, field: number): boolean {
  const end = ends[field]!;
  let at = starts[field]!;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && (at >= end || bytes[at++] !== POINT)) return false;
    const start = at;
    let number = 0;
    for (; at < end && at < start + 3; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      number = number * 10 + digit;
    }
    const hasZeroInFront = bytes[start] === ZERO && at > start + 1;
    if (at === start || number > 255 || hasZeroInFront) return false;
  }
  return at === end;
}
