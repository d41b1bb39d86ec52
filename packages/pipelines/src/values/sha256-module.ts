import { type Code, control, i32, i32x4, local, moduleOf, v128 } from "./wasm-code.ts";

/*
 * The compression of SHA-256 (FIPS 180-4, section 6.2.2) as WebAssembly, for four messages at once: every vector holds the
 * same word of each of them.
 */

export const ROUNDS = 64;
export const STATE_WORDS = 8;
export const BLOCK_WORDS = 16;
/** Messages at once. */
export const LANES = 4;
/** A word of each message. */
export const VECTOR_BYTES = 16;

// The function's locals, its parameters first.
const BLOCK = 0;
const START = 1;
const TARGET = 2;
const CONSTANT = 3;
const END = 4;
const VARIABLES = 5;
const WORDS = VARIABLES + STATE_WORDS;
const SUM = WORDS + BLOCK_WORDS;
const VECTORS = STATE_WORDS + BLOCK_WORDS + 1;

const xor = (...parts: Code[]): Code => parts.reduce(v128.xor);
const add = (...parts: Code[]): Code => parts.reduce(i32x4.add);

const rotated = (value: Code, bits: number): Code =>
  v128.or(i32x4.shiftRight(value, bits), i32x4.shiftLeft(value, 32 - bits));

const bigSigma = (value: Code, a: number, b: number, c: number): Code =>
  xor(rotated(value, a), rotated(value, b), rotated(value, c));

const smallSigma = (value: Code, a: number, b: number, shift: number): Code =>
  xor(rotated(value, a), rotated(value, b), i32x4.shiftRight(value, shift));

const each = (count: number, code: (index: number) => Code): Code[] =>
  Array.from({ length: count }, (_, index) => code(index));

const variable = (index: number): number => VARIABLES + (index % STATE_WORDS);
const word = (index: number): number => WORDS + (index % BLOCK_WORDS);

/** Instead of being moved on, the eight variables change their names from one round to the next. */
function round(index: number): Code {
  const name = (letter: number): number => variable(ROUNDS + letter - index);
  const [a, b, c, , e, f, g, h] = each(STATE_WORDS, (letter) => local.get(name(letter))) as Code[] & {
    length: 8;
  };
  const choice = xor(g!, v128.and(e!, xor(f!, g!)));
  const majority = v128.or(v128.and(a!, b!), v128.and(c!, v128.or(a!, b!)));
  const constant = i32x4.loadSplat(local.get(CONSTANT), 4 * index);
  const sum = add(h!, constant, local.get(word(index)), choice, bigSigma(e!, 6, 11, 25));
  return [
    local.set(SUM, sum),
    local.set(name(3), add(local.get(name(3)), local.get(SUM))),
    local.set(name(7), add(local.get(SUM), majority, bigSigma(a!, 2, 13, 22))),
  ];
}

/** The word that the round sixteen rounds later takes. */
function schedule(index: number): Code {
  const [first, second, tenth, fifteenth] = [0, 1, 9, 14].map((at) => local.get(word(index + at)));
  return local.set(
    word(index),
    add(first!, smallSigma(second!, 7, 18, 3), tenth!, smallSigma(fifteenth!, 17, 19, 10)),
  );
}

const load = (from: number, index: number): Code => v128.load(local.get(from), VECTOR_BYTES * index);
const hasMoreRounds = i32.isLess(local.get(CONSTANT), local.get(END));

const COMPRESSION: Code = [
  each(STATE_WORDS, (at) => local.set(variable(at), load(START, at))),
  each(BLOCK_WORDS, (at) => local.set(word(at), load(BLOCK, at))),
  local.set(END, i32.add(local.get(CONSTANT), i32.const(4 * ROUNDS))),
  control.loop(
    [
      each(BLOCK_WORDS, round),
      local.set(CONSTANT, i32.add(local.get(CONSTANT), i32.const(4 * BLOCK_WORDS))),
      control.when(hasMoreRounds, each(BLOCK_WORDS, schedule)),
    ],
    hasMoreRounds,
  ),
  each(STATE_WORDS, (at) =>
    v128.store(local.get(TARGET), VECTOR_BYTES * at, add(local.get(variable(at)), load(START, at))),
  ),
];

/**
 * A module whose function `run(block, start, target, constants)` takes the state `start` and a block, each as vectors, and
 * leaves the state that follows in `target`, which may be a part of the block. The rounds' constants are single words.
 * All four are addresses in its memory, of one page.
 */
export const sha256Module = (): Uint8Array<ArrayBuffer> =>
  moduleOf({ parameters: 4, numbers: 1, vectors: VECTORS }, COMPRESSION);
