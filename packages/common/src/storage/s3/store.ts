import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { IngotError } from "../../errors.ts";
import type { S3Access } from "../../lake-location.ts";
import { checkKey } from "../keys.ts";
import type {
  ListOptions,
  ObjectInfo,
  ObjectStat,
  ObjectStore,
  StoredObject,
  WriteOptions,
} from "../object-store.ts";
import { createS3Client } from "./client.ts";
import { checkRange, resumingBytes } from "./download.ts";
import { failureOf, s3Error } from "./errors.ts";
import { listPages } from "./listing.ts";
import { fromHeaders, toHeaders, WRITE_ID } from "./metadata.ts";
import { BodyError, upload } from "./upload.ts";
import { S3Versions } from "./versions.ts";

export interface S3StoreOptions {
  access: S3Access;
  bucket: string;
  /** Put before each key: empty, or text that ends with a slash. */
  prefix?: string;
  /** Milliseconds without a byte after which a download's connection counts as dead. */
  idleMs?: number;
  /** Told of requests that were sent again. */
  onRetries?: (retries: number) => void;
}

const IDLE_MS = 30_000;
const CONFLICT_CHECKS = 6;
const CONFLICT_DELAY_MS = 100;
/** What stores answer where an object is not the one that was to be replaced: gone, being written, another one. */
const CHANGED = [404, 409, 412];

/** One layer of the lake as a bucket, or as a folder of a bucket, on any S3-compatible store. */
export class S3Store implements ObjectStore {
  readonly url: string;
  readonly settleMs = 0;
  readonly versions: S3Versions;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #server: string;
  readonly #idleMs: number;
  /** Set as soon as an answer proves that the bucket exists. */
  #bucketSeen = false;

  constructor({ access, bucket, prefix = "", idleMs = IDLE_MS, onRetries }: S3StoreOptions) {
    this.url = `s3://${bucket}${prefix === "" ? "" : `/${prefix.replace(/\/$/, "")}`}`;
    this.#client = createS3Client(access, onRetries);
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#server = access.endpoint ?? `Amazon S3 (${access.region})`;
    this.#idleMs = idleMs;
    this.versions = new S3Versions({
      client: this.#client,
      bucket,
      prefix,
      idleMs,
      toError: (error, verb, key) => this.#error(error, verb, key),
    });
  }

  async *list({ prefix = "", startAfter = "", without = [] }: ListOptions = {}): AsyncGenerator<ObjectInfo> {
    // No key has such a segment, and some stores refuse to look.
    if (/(^|\/)\.\.?\//.test(prefix)) return;
    const request = {
      Bucket: this.#bucket,
      Prefix: this.#prefix + prefix,
      ...(startAfter === "" ? {} : { StartAfter: this.#prefix + startAfter }),
    };
    const folders = without.map((folder) => this.#prefix + folder);
    try {
      for await (const object of listPages(this.#client, request, folders)) {
        // Consoles mark a folder by an empty object with its name; nobody means it as an object.
        if (object.key.endsWith("/")) continue;
        yield { ...object, key: object.key.slice(this.#prefix.length) };
      }
    } catch (error) {
      throw this.#error(error, "list");
    }
  }

  async stat(key: string): Promise<ObjectStat | undefined> {
    checkKey(key);
    try {
      const head = await this.#client.send(new HeadObjectCommand(this.#address(key)));
      return { ...toInfo(key, head), metadata: fromHeaders(head.Metadata) };
    } catch (error) {
      const { status } = failureOf(error);
      if (status === 403 || status === 404) await this.#checkBucket();
      if (status !== 404) throw this.#error(error, "read", key);
      return undefined;
    }
  }

  async read(key: string): Promise<StoredObject> {
    checkKey(key);
    const answer = await this.#get(key);
    const first = answer.Body as Readable;
    let info: ObjectInfo;
    try {
      info = toInfo(key, answer);
    } catch (error) {
      first.destroy();
      throw error;
    }
    const reopen = async (offset: number): Promise<Readable> => {
      // The same version or nothing: another one's bytes must not follow.
      const rest = await this.#get(key, { Range: `bytes=${offset}-`, IfMatch: info.etag });
      const body = rest.Body as Readable;
      try {
        checkRange(rest.ContentRange, offset);
      } catch (error) {
        body.destroy();
        throw error;
      }
      return body;
    };
    const toError = (error: unknown): IngotError => this.#error(error, "read", key);
    const body = resumingBytes({ size: info.size, first, reopen, idleMs: this.#idleMs, toError });
    return { ...info, metadata: fromHeaders(answer.Metadata), body };
  }

  async write(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    { metadata = {}, ifAbsent = false, ifMatch, contentType }: WriteOptions = {},
  ): Promise<{ created: boolean }> {
    checkKey(key);
    const writeId = randomUUID();
    const target = {
      ...this.#address(key),
      Metadata: { ...toHeaders(metadata), ...(ifAbsent ? { [WRITE_ID]: writeId } : {}) },
      ...(ifAbsent ? { IfNoneMatch: "*" } : {}),
      ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
      ...(contentType === undefined ? {} : { ContentType: contentType }),
    };
    try {
      await upload(this.#client, target, body);
      this.#bucketSeen = true;
      return { created: true };
    } catch (error) {
      if (error instanceof BodyError) throw error.cause;
      if (ifMatch !== undefined && CHANGED.includes(failureOf(error).status)) return { created: false };
      if (!ifAbsent) throw this.#error(error, "write", key);
      return { created: await this.#wonRace(key, writeId, error) };
    }
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    try {
      await this.#client.send(new DeleteObjectCommand(this.#address(key)));
    } catch (error) {
      const failure = this.#error(error, "delete", key);
      if (failure.code !== "object_missing") throw failure;
    }
  }

  /** Closes the connections. */
  close(): void {
    this.#client.destroy();
  }

  #address(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }

  async #get(
    key: string,
    options: { Range?: string; IfMatch?: string } = {},
  ): Promise<GetObjectCommandOutput> {
    try {
      const answer = await this.#client.send(new GetObjectCommand({ ...this.#address(key), ...options }));
      this.#bucketSeen = true;
      return answer;
    } catch (error) {
      throw this.#error(error, "read", key);
    }
  }

  /**
   * After a conditional write that was refused: did we create the object all the same?
   *
   * - 412: it exists. Where the request was sent more than once, the first one may have created it and lost its
   *   answer; the id that we gave it tells.
   * - 409: another writer is at it. As long as it is not there, that writer may still fail.
   */
  async #wonRace(key: string, writeId: string, error: unknown): Promise<boolean> {
    const { status, attempts, name } = failureOf(error);
    const isRepeated = attempts > 1;
    if (status === 412 && !isRepeated) return false;
    const isLost = status === 412 || status === 409 || (name === "NoSuchUpload" && isRepeated);
    if (!isLost) throw this.#error(error, "write", key);
    for (let check = 0; check < CONFLICT_CHECKS; check++) {
      try {
        const head = await this.#client.send(new HeadObjectCommand(this.#address(key)));
        return head.Metadata?.[WRITE_ID] === writeId;
      } catch (failure) {
        // Those who may only add objects may not look at them.
        if (failureOf(failure).status === 403) return false;
        if (failureOf(failure).status !== 404) throw this.#error(failure, "write", key);
      }
      await delay(CONFLICT_DELAY_MS * 2 ** check);
    }
    throw this.#error(error, "write", key);
  }

  /**
   * The answer to a HEAD request has no text: a missing object looks like a missing bucket, and with some stores like
   * wrong credentials. A listing tells.
   */
  async #checkBucket(): Promise<void> {
    if (this.#bucketSeen) return;
    try {
      await this.#client.send(new ListObjectsV2Command({ Bucket: this.#bucket, MaxKeys: 1 }));
    } catch (error) {
      // Whoever may not list the bucket may still use the objects in it.
      if (failureOf(error).name !== "AccessDenied") throw this.#error(error, "read");
    }
    this.#bucketSeen = true;
  }

  #error(error: unknown, verb: string, key?: string): IngotError {
    const action = { verb, bucket: this.#bucket, server: this.#server };
    return s3Error(error, key === undefined ? action : { ...action, key });
  }
}

function toInfo(key: string, answer: HeadObjectCommandOutput | GetObjectCommandOutput): ObjectInfo {
  const { ContentLength, ETag, LastModified } = answer;
  if (ContentLength === undefined || ETag === undefined || LastModified === undefined) {
    const text = `The store does not tell length, ETag and date of ${key}: it is not an S3 store.`;
    throw new IngotError("storage_unavailable", text, { context: { key } });
  }
  return { key, size: ContentLength, etag: ETag, modified: LastModified };
}
