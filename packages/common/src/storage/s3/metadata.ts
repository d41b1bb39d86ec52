import type { ObjectMetadata } from "../object-store.ts";

/**
 * Tells which attempt to create an object was the one that did: a repeated request is told "exists already" where
 * only the first one's answer was lost.
 */
export const WRITE_ID = "ingot-write";

/**
 * Metadata as S3 takes it, in headers. Values are percent-encoded, because headers are ASCII. `_` becomes `--`,
 * because many proxies drop headers with underscores, and the signature fails then.
 */
export function toHeaders(metadata: ObjectMetadata): Record<string, string> {
  const entries = Object.entries(metadata);
  return Object.fromEntries(
    entries.map(([name, value]) => [name.replaceAll("_", "--"), encodeURIComponent(value.toWellFormed())]),
  );
}

/** The inverse of `toHeaders`; values that other tools wrote are passed on as they are. */
export function fromHeaders(headers: Readonly<Record<string, string>> = {}): ObjectMetadata {
  const entries = Object.entries(headers).filter(([name]) => name !== WRITE_ID);
  return Object.fromEntries(entries.map(([name, value]) => [name.replaceAll("--", "_"), decoded(value)]));
}

/** A percent-encoded text; as it is where it is none. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
