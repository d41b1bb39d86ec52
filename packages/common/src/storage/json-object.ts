import { IngotError } from "../errors.ts";
import type { ObjectInfo, ObjectStore } from "./object-store.ts";

/** A small object that holds JSON. */
export interface JsonObject<T> extends Pick<ObjectInfo, "etag" | "modified"> {
  /** `undefined` where it is no JSON. */
  value: T | undefined;
}

const TRIES = 5;

/**
 * Reads a small object that others may write at the same time; `undefined` where there is none.
 *
 * @throws IngotError of the storage
 */
export async function readJson<T>(store: ObjectStore, key: string): Promise<JsonObject<T> | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      const { etag, modified, body } = await store.read(key);
      const text = Buffer.concat(await Array.fromAsync(body)).toString("utf8");
      return { etag, modified, value: parsed<T>(text) };
    } catch (error) {
      if (!(error instanceof IngotError)) throw error;
      if (error.code === "object_missing") return undefined;
      if (error.code !== "object_changed" || tries === TRIES) throw error;
    }
  }
}

/** As people can read it. */
export const jsonBytes = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);

export const JSON_TYPE = { contentType: "application/json" };

function parsed<T>(text: string): T | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
