import { isUtf8 } from "node:buffer";
import type { Person } from "./person.ts";
import { BYTES_PER_UNIT, byteForms, masked, NEIGHBOURS, type TextForms, wideForms } from "./text-forms.ts";

/** Shorter numbers are found everywhere, and mean something else. */
const TELLING_DIGITS = 6;
const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g;
const ID_KEY = `customer_id\\\\?["']?\\s*[:=]\\s*\\\\?["']?\\s*`;

/** Words of names, as far as they tell somebody. */
const WORDS = /[\p{L}\p{M}]{2,}/gu;

/** Finds what names a person in bytes, whatever their encoding, and makes it unreadable. */
export class PersonText {
  /** How many bytes of a content have to be looked at together. */
  readonly reach: number;
  readonly #ids: readonly Buffer[];
  readonly #anywhere: RegExp;
  readonly #plainEmail: RegExp | undefined;
  /** True where what is looked for can be written with bytes of which none is its own. */
  readonly #isOdd: boolean;
  readonly #named: RegExp;
  readonly #wideNamed: RegExp;
  readonly #email: RegExp | undefined;
  readonly #nameWords: RegExp | undefined;

  constructor({ customers, emails, names }: Person) {
    const ids = customers.map(({ id }) => id);
    const texts = [...ids, ...emails];
    const longest = Math.max(1, ...texts.map((text) => text.length));
    this.reach = BYTES_PER_UNIT * longest + ID_KEY.length + 2 * NEIGHBOURS;
    this.#ids = ids.map((id) => Buffer.from(id));
    this.#isOdd = texts.some((text) => !/^[\w.@+-]*$/.test(text));
    this.#anywhere = union([
      ...ids.flatMap((id) => everyForm(id, { anyCase: false, isWord: false })),
      ...emails.flatMap((email) => everyForm(email, { anyCase: true, isWord: false })),
      ...ids.filter(isNumber).map(() => '"customer_id"\\s*:\\s*-?[\\d.]+[eE]'),
    ])!;
    this.#plainEmail = union(emails.map(plain), "i");
    const email = { anyCase: true, isWord: true };
    const id = { anyCase: false, isWord: true };
    this.#named = union([
      ...emails.map((text) => byteForms(text, email)),
      ...ids.map((text) => (isTelling(text) ? byteForms(text, id) : `(?<=${ID_KEY})${byteForms(text, id)}`)),
    ])!;
    this.#wideNamed =
      union([
        ...emails.map((text) => wideForms(text, email)),
        ...ids.filter(isTelling).map((text) => wideForms(text, id)),
      ]) ?? /(?!)/g;
    this.#email = union(emails.map((text) => byteForms(text, email)));
    const words = [...new Set(names.flatMap((name) => name.match(WORDS) ?? []))];
    this.#nameWords = union(words.map((word) => byteForms(word, email)));
  }

  /** False only where bytes certainly do not name the person. Texts that they begin or end in the middle of do not count. */
  mayName(bytes: Buffer): boolean {
    if (this.#ids.some((id) => bytes.includes(id))) return true;
    if (this.#isOdd || bytes.includes("\\u") || bytes.includes("%") || bytes.includes(0))
      return isIn(this.#anywhere, textOf(bytes));
    return this.#plainEmail !== undefined && bytes.includes("@") && isIn(this.#plainEmail, textOf(bytes));
  }

  /** True where a text that is no record names the person. */
  isNamedIn(bytes: Buffer): boolean {
    if (!this.mayName(bytes)) return false;
    const text = textOf(bytes);
    return isIn(this.#named, text) || (bytes.includes(0) && isIn(this.#wideNamed, text));
  }

  hasEmail(bytes: Buffer): boolean {
    return this.#email !== undefined && isIn(this.#email, textOf(bytes));
  }

  /** False only where bytes certainly do not have an e-mail address of the person's. */
  mayHaveEmail(bytes: Buffer): boolean {
    return this.#isOdd || ["@", "\\u", "%"].some((mark) => bytes.includes(mark));
  }

  /** Makes e-mail addresses and ids unreadable, in place. True where there were any. */
  mask(bytes: Buffer): boolean {
    if (!this.mayName(bytes)) return false;
    const isMasked = maskMatches(bytes, this.#named);
    return (bytes.includes(0) && maskMatches(bytes, this.#wideNamed)) || isMasked;
  }

  /** Makes e-mail addresses unreadable, in place. */
  maskEmails(bytes: Buffer): void {
    if (this.#email) maskMatches(bytes, this.#email);
  }

  /** Makes the person's names unreadable wherever they stand as words, in place. */
  maskNames(bytes: Buffer): void {
    if (this.#nameWords) maskMatches(bytes, this.#nameWords);
  }
}

/** Makes all that looks like an IPv4 address unreadable, in place. */
export const maskAddresses = (bytes: Buffer): boolean => maskMatches(bytes, ADDRESS);

/** Makes `[start, end)` unreadable, in place; what was no UTF-8 stays none. */
export function maskAll(bytes: Buffer, start = 0, end = bytes.length): void {
  const wideByte = isUtf8(bytes) ? "x" : "\xff";
  bytes.write(masked(bytes.toString("latin1", start, end), wideByte), start, "latin1");
}

function maskMatches(bytes: Buffer, pattern: RegExp): boolean {
  const wideByte = isUtf8(bytes) ? "x" : "\xff";
  let isMasked = false;
  pattern.lastIndex = 0;
  for (const { index, 0: match } of textOf(bytes).matchAll(pattern)) {
    bytes.write(masked(match, wideByte), index, "latin1");
    isMasked = true;
  }
  return isMasked;
}

const textOf = (bytes: Buffer): string => bytes.toString("latin1");

function isIn(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(text);
}

const everyForm = (text: string, forms: TextForms): string[] => [
  byteForms(text, forms),
  wideForms(text, forms),
];

const plain = (text: string): string => text.replace(/[^A-Za-z0-9]/g, (character) => `\\${character}`);

const isNumber = (id: string): boolean => String(Number(id)) === id;
const isTelling = (id: string): boolean => !/^\d*$/.test(id) || id.length >= TELLING_DIGITS;

function union(patterns: readonly string[], flags = ""): RegExp | undefined {
  return patterns.length === 0 ? undefined : new RegExp(patterns.join("|"), `g${flags}`);
}
