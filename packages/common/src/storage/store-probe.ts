import type { S3Access } from "../lake-location.ts";
import type { Right } from "./roles.ts";

/** What a store said to one question. */
export type Answer<T = undefined> =
  | { ok: true; value: T }
  | {
      ok: false;
      /** The store's word (`NoSuchBucket`), the network's (`ECONNRESET`), or `Timeout`. */
      code: string;
      /** HTTP status; 0 where no answer came. */
      status: number;
      /** For people, without secrets. */
      message: string;
    };

/** `unknown` where a store's answers do not tell. */
export type Verdict = "granted" | "denied" | "unknown";

/** Each right, and `abort`: to break off an upload in parts, without which a failed one stays and costs space. */
export type Verdicts = Record<Right | "abort", Verdict>;

/** A bucket, or a folder of it: the prefix is empty or ends with a slash. */
export interface Place {
  bucket: string;
  prefix: string;
}

/** How a store behaved in one respect: as S3 does, otherwise, or nobody could look (`undefined`). */
export type Conduct = { ok: boolean; detail: string } | undefined;

/** What Ingot relies upon. */
export interface Behaviour {
  /** A second `PutObject` with `If-None-Match: *` is refused, and of several at once one alone succeeds. */
  conditionalPut: Conduct;
  /** The same for an upload in parts, when it is completed. */
  conditionalComplete: Conduct;
  /** A listing shows a new object at once. */
  listing: Conduct;
  /** Metadata comes back as it was written, any script. */
  metadata: Conduct;
  /** A part of an object can be read. */
  range: Conduct;
  /** What was written is gone again; where not, the keys that were left. */
  leftBehind: readonly string[];
}

/**
 * Asks a store questions that change nothing there. No method throws or takes longer than some seconds, whatever the
 * store does; no key of a user is read.
 */
export interface StoreProbe {
  /** The names of the buckets that these credentials may see; proof that the store accepts them. */
  buckets(): Promise<Answer<string[]>>;
  /** Whether a place can be listed, and so exists. */
  canList(place: Place): Promise<Answer>;
  /** `Enabled`, `Suspended`, or `undefined` where versioning was never on. */
  versioning(bucket: string): Promise<Answer<string | undefined>>;
  /** What everybody may do in a place, without credentials: of `list`, `read` and `add`. */
  openToAll(place: Place): Promise<Right[]>;
  /** @param isUnversioned true where it is certain that versioning was never on in the bucket */
  rights(place: Place, isUnversioned: boolean): Promise<Verdicts>;
  /**
   * Writes an object of its own under `ingot-doctor/`, tries what Ingot relies upon, and removes it. Only for places
   * where these credentials may add and delete, in a bucket without versions: there nothing stays behind.
   */
  behaviour(place: Place, rights: Verdicts): Promise<Behaviour>;
  close(): void;
}

/** @throws nothing; the SDK is loaded here only, because a folder lake must not pay for it */
export async function openStoreProbe(access: S3Access): Promise<StoreProbe> {
  const { S3Probe } = await import("./s3/probe.ts");
  return new S3Probe(access);
}
