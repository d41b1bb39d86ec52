/*
 * Just enough of WebAssembly's binary format (https://webassembly.github.io/spec/core/binary) to write a module with
 * one function in TypeScript. Code is a nested list of bytes: an instruction is its operands' code, then its own bytes.
 */

export type Code = number | readonly Code[];

/** A whole number, not negative, as the format writes it (LEB128). */
const unsigned = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];

function signed(value: number): number[] {
  const isLast = value >= -0x40 && value < 0x40;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

/** Four 32-bit lanes are added, shifted and so on at once; a lane is a column of numbers of its own. */
const vector = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [a, b, vector(opcode)];
const BYTE_ALIGNED = 0;
const address = (offset: number): number[] => [BYTE_ALIGNED, ...unsigned(offset)];

export const i32 = {
  const: (value: number): Code => [0x41, signed(value)],
  add: (a: Code, b: Code): Code => [a, b, 0x6a],
  isLess: (a: Code, b: Code): Code => [a, b, 0x49],
};

export const i32x4 = {
  add: binary(0xae),
  shiftLeft: (a: Code, bits: number): Code => [a, i32.const(bits), vector(0xab)],
  shiftRight: (a: Code, bits: number): Code => [a, i32.const(bits), vector(0xad)],
  /** The number at an address, in each lane. */
  loadSplat: (at: Code, offset: number): Code => [at, vector(0x09), address(offset)],
};

export const v128 = {
  and: binary(0x4e),
  or: binary(0x50),
  xor: binary(0x51),
  load: (at: Code, offset: number): Code => [at, vector(0x00), address(offset)],
  store: (at: Code, offset: number, value: Code): Code => [at, value, vector(0x0b), address(offset)],
};

export const local = {
  get: (index: number): Code => [0x20, unsigned(index)],
  set: (index: number, value: Code): Code => [value, 0x21, unsigned(index)],
};

export const control = {
  /** Repeats its body as long as `next`, at its end, is not 0. */
  loop: (body: Code, next: Code): Code => [0x03, 0x40, body, next, 0x0d, 0, 0x0b],
  /** Runs its body where a number is not 0. */
  when: (condition: Code, body: Code): Code => [condition, 0x04, 0x40, body, 0x0b],
};

const I32 = 0x7f;
const V128 = 0x7b;
const FUNCTION = 0x60;

const bytesOf = (code: Code): number[] => [code].flat(Number.POSITIVE_INFINITY as 1) as number[];
const sized = (code: Code): Code => {
  const bytes = bytesOf(code);
  return [unsigned(bytes.length), bytes];
};
const name = (text: string): Code => sized([...Buffer.from(text)]);
const section = (id: number, content: Code): Code => [id, sized([1, content])];

/**
 * A module with one function that returns nothing, exported as `run`, on a memory that is imported as `env.memory`.
 * Its parameters are numbers; they are its first locals, and followed by more numbers, then by vectors.
 */
export function moduleOf(
  { parameters, numbers, vectors }: { parameters: number; numbers: number; vectors: number },
  body: Code,
): Uint8Array<ArrayBuffer> {
  const locals = [2, unsigned(numbers), I32, unsigned(vectors), V128];
  return Uint8Array.from(
    bytesOf([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [FUNCTION, unsigned(parameters), Array<number>(parameters).fill(I32), 0]),
      section(2, [name("env"), name("memory"), 0x02, 0x00, 1]),
      section(3, 0),
      section(7, [name("run"), 0x00, 0]),
      section(10, sized([locals, body, 0x0b])),
    ]),
  );
}
