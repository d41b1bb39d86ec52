import fc from "fast-check";

export type DamageKind =
  | "replace"
  | "delete"
  | "insert"
  | "truncate"
  /** Bits of one byte. */
  | "flip"
  /** A piece comes twice. */
  | "double"
  /** Two pieces change places. */
  | "swap"
  /** Other line ends, all over. */
  | "line ends";

export interface Damage {
  kind: DamageKind;
  /** Where, as a share of the file's length. */
  at: number;
  bytes: Uint8Array;
  /** How many bytes of the file are removed, doubled or swapped. */
  span: number;
}

/** @param maxSpan the greatest `span` */
export const damage = (kinds: readonly DamageKind[], maxSpan = 6): fc.Arbitrary<Damage> =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    // Any place alike; doubles would nearly all be next to 0.
    at: fc.noBias(fc.nat({ max: 1_000_000 })).map((place) => place / 1_000_000),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 6 }),
      fc
        .string({
          unit: fc.constantFrom('"', "{", "}", "[", "]", ",", ":", "\\", "\n", "\r"),
          minLength: 1,
          maxLength: 3,
        })
        .map((text) => new Uint8Array(Buffer.from(text))),
    ),
    span: fc.integer({ min: 1, max: maxSpan }),
  });

const LINE_ENDS = ["\r\n", "\r", "\n\n", "\n"];

/** @param from the first byte that may be touched */
export function damaged(content: Buffer, { kind, at, bytes, span }: Damage, from = 0): Buffer {
  const place = from + Math.floor(at * (content.length - from));
  const [before, piece] = [content.subarray(0, place), content.subarray(place, place + span)];
  const after = content.subarray(place + span);
  switch (kind) {
    case "truncate":
      return before;
    case "delete":
      return Buffer.concat([before, after]);
    case "insert":
      return Buffer.concat([before, bytes, content.subarray(place)]);
    case "replace":
      return Buffer.concat([before, bytes, content.subarray(place + bytes.length)]);
    case "flip":
      return Buffer.concat([
        before,
        flipped(content.subarray(place, place + 1), bytes[0]!),
        content.subarray(place + 1),
      ]);
    case "double":
      return Buffer.concat([before, piece, piece, after]);
    case "swap":
      return Buffer.concat([before, after.subarray(0, span), piece, after.subarray(span)]);
    case "line ends":
      return Buffer.from(
        content.toString("latin1").replaceAll(/\r\n|\r|\n/g, LINE_ENDS[span % LINE_ENDS.length]!),
        "latin1",
      );
  }
}

const flipped = (byte: Buffer, bits: number): Buffer => Buffer.from(byte.map((value) => value ^ (bits || 1)));
