import type { Language } from "../lib/locale.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";

/** The same texts in another language. */
export type Widened<T> = T extends (...values: infer V) => string
  ? (...values: V) => string
  : T extends string
    ? string
    : { [K in keyof T]: Widened<T[K]> };

/** A dictionary: a text that is missing in one language is an error of types. */
export type Texts = Widened<typeof en>;

export const DICTIONARIES: Record<Language, Texts> = { en, fr };
