export const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** Memory for `needed` bytes: this one, or a larger one with the first `used` bytes of it. */
export function withRoom(bytes: Buffer, used: number, needed: number): Buffer {
  if (needed <= bytes.length) return bytes;
  const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * bytes.length));
  bytes.copy(grown, 0, 0, used);
  return grown;
}

const ZERO = 0x30;

/** Writes the lowest `digits` digits of a whole number, with zeros in front. @returns how many */
export function writeDigits(bytes: Uint8Array, at: number, digits: number, number: number): number {
  let rest = number;
  for (let to = at + digits - 1; to >= at; to--) {
    const next = Math.floor(rest / 10);
    bytes[to] = ZERO + rest - next * 10;
    rest = next;
  }
  return digits;
}
