import type { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { IngotError } from "../../errors.ts";
import type { ObjectVersion, ObjectVersions } from "../object-store.ts";
import { resumingBytes } from "./download.ts";
import { failureOf } from "./errors.ts";
import { decoded } from "./metadata.ts";

export interface VersionsOptions {
  client: S3Client;
  bucket: string;
  /** Before each key. */
  prefix: string;
  idleMs: number;
  /** The product's error for whatever was thrown. */
  toError(error: unknown, verb: string, key?: string): IngotError;
}

/** What a bucket has under each key: the current object, those that it took the place of, and marks of deletion. */
export class S3Versions implements ObjectVersions {
  readonly #options: VersionsOptions;

  constructor(options: VersionsOptions) {
    this.#options = options;
  }

  async *list(prefix = ""): AsyncGenerator<ObjectVersion> {
    try {
      yield* this.#list(prefix);
    } catch (error) {
      const { name } = failureOf(error);
      // A store that cannot list versions keeps none.
      if (name === "NotImplemented" || name === "MethodNotAllowed") return;
      throw this.#options.toError(error, "list the versions of objects in");
    }
  }

  async *#list(prefix: string): AsyncGenerator<ObjectVersion> {
    const { client, bucket, prefix: before } = this.#options;
    const request = { Bucket: bucket, Prefix: before + prefix, EncodingType: "url" as const };
    let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
    while (next) {
      const page: ListObjectVersionsCommandOutput = await client.send(
        new ListObjectVersionsCommand({ ...request, ...next }),
      );
      for (const { Key = "", VersionId = "null", Size = 0, IsLatest = false } of page.Versions ?? [])
        yield {
          key: this.#key(Key, page),
          id: VersionId,
          size: Size,
          isCurrent: IsLatest,
          isDeletion: false,
        };
      for (const { Key = "", VersionId = "null", IsLatest = false } of page.DeleteMarkers ?? [])
        yield { key: this.#key(Key, page), id: VersionId, size: 0, isCurrent: IsLatest, isDeletion: true };
      const { NextKeyMarker, NextVersionIdMarker } = page;
      const isSame = NextKeyMarker === next.KeyMarker && NextVersionIdMarker === next.VersionIdMarker;
      if (page.IsTruncated && (NextKeyMarker === undefined || isSame)) {
        throw new Error("the list of versions is truncated and does not say how to go on");
      }
      // A marker comes encoded, but is taken as it is.
      next = page.IsTruncated
        ? { KeyMarker: plain(NextKeyMarker ?? "", page), VersionIdMarker: NextVersionIdMarker }
        : undefined;
    }
  }

  async *read({ key, id, size }: ObjectVersion): AsyncGenerator<Uint8Array> {
    const { client, idleMs, toError } = this.#options;
    const open = (offset: number): Promise<Readable> =>
      this.#asked("read an older version in", key, async () => {
        const range = offset === 0 ? {} : { Range: `bytes=${offset}-` };
        const answer = await client.send(new GetObjectCommand({ ...this.#address(key, id), ...range }));
        return answer.Body as Readable;
      });
    const asError = (error: unknown): IngotError => toError(error, "read an older version in", key);
    yield* resumingBytes({ size, first: await open(0), reopen: open, idleMs, toError: asError });
  }

  async delete({ key, id }: ObjectVersion): Promise<void> {
    const { client } = this.#options;
    await this.#asked("delete an older version in", key, () =>
      client.send(new DeleteObjectCommand(this.#address(key, id))),
    );
  }

  #address(key: string, id: string) {
    const { bucket, prefix } = this.#options;
    return { Bucket: bucket, Key: prefix + key, VersionId: id };
  }

  #key(key: string, page: ListObjectVersionsCommandOutput): string {
    return plain(key, page).slice(this.#options.prefix.length);
  }

  async #asked<T>(verb: string, key: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw this.#options.toError(error, verb, key);
    }
  }
}

const plain = (text: string, { EncodingType }: ListObjectVersionsCommandOutput): string =>
  EncodingType === "url" ? decoded(text.replaceAll("+", " ")) : text;
