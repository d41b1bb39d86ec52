import { createHash } from "node:crypto";
import type { Client } from "minio";
import { IngotError } from "../../errors.ts";
import type { S3Access } from "../../lake-location.ts";
import { s3Error } from "./errors.ts";
import { configurationOf, type LifecycleRule, parseRules } from "./lifecycle-rules.ts";
import { createMinioClient } from "./minio-client.ts";

/** The lifecycle rules of a bucket. */
export interface Lifecycle {
  rules: LifecycleRule[];
  /** What Amazon keeps beside the rules: not given back, it would fall to its default for everybody's rules. */
  transitionMinimum?: string;
}

/** A store refuses something by its nature, whoever asks: it lacks it, or does not take it in this form. */
export class Unsupported extends Error {}

const TRANSITION_MINIMUM = "x-amz-transition-default-minimum-object-size";
/** Answers that another try may change. */
const TRANSIENT =
  /^(SlowDown|InternalError|ServiceUnavailable|OperationAborted|RequestTimeout|.*NotInitialized)$/;
const UNSUPPORTED = /^(NotImplemented|MethodNotAllowed|VersioningNotConfigured)$/;
const REFUSED = /^(InvalidArgument|InvalidRequest|MalformedXML|InvalidBucketState)$/;

/**
 * Buckets and their settings on an S3-compatible store. Every method throws `IngotError`: `storage_unavailable` (worth
 * a retry), `storage_denied`, `bucket_missing`, `bucket_taken`.
 */
export class S3Admin {
  readonly #client: Client;
  readonly #region: string;
  readonly #server: string;

  private constructor(client: Client, { region, endpoint }: S3Access) {
    this.#client = client;
    this.#region = region;
    this.#server = endpoint ?? `Amazon S3 (${region})`;
  }

  /** @throws IngotError where there are no credentials */
  static async open(access: S3Access): Promise<S3Admin> {
    try {
      // Its own retries write to the console.
      const client = await createMinioClient(access, { retryOptions: { disableRetry: true } });
      return new S3Admin(client, access);
    } catch (error) {
      const server = access.endpoint ?? `Amazon S3 (${access.region})`;
      throw s3Error(error, { verb: "administer", bucket: "", server });
    }
  }

  /** Creates a bucket in the store's region unless it is there; true where it was created. */
  async ensureBucket(bucket: string): Promise<boolean> {
    if (await this.#isThere(bucket)) return false;
    try {
      await this.#client.makeBucket(bucket, this.#region);
      return true;
    } catch (error) {
      const code = codeOf(error);
      if (code === "BucketAlreadyOwnedByYou") return false;
      if (code !== "BucketAlreadyExists") throw this.#error(error, "create", bucket);
      // Some stores say so of a bucket of one's own too.
      if (await this.#isThere(bucket)) return false;
      throw new IngotError(
        "bucket_taken",
        `The bucket ${bucket} exists at ${this.#server} and belongs to somebody else. Choose names of your own: set BUCKET_PREFIX.`,
        { cause: error },
      );
    }
  }

  /** `unset` where versioning was never touched. */
  async versioning(bucket: string): Promise<"Enabled" | "Suspended" | "unset"> {
    const answer = await this.#run(
      "read the versioning of",
      bucket,
      this.#client.getBucketVersioning(bucket),
    );
    const status = typeof answer === "object" ? answer.Status : undefined;
    return status === "Enabled" || status === "Suspended" ? status : "unset";
  }

  /** @throws Unsupported where the store keeps no versions */
  async enableVersioning(bucket: string): Promise<void> {
    const setting = this.#client.setBucketVersioning(bucket, { Status: "Enabled" });
    await this.#run("enable versioning of", bucket, setting);
  }

  /** @throws Unsupported where the store has no lifecycle rules */
  async lifecycle(bucket: string): Promise<Lifecycle> {
    return await this.#run("read the lifecycle rules of", bucket, this.#readLifecycle(bucket));
  }

  /** @throws Unsupported where the store does not take the rules; it keeps those that it has */
  async setLifecycle(bucket: string, { rules, transitionMinimum }: Lifecycle): Promise<void> {
    // As bytes: the client counts the characters of a text.
    const document = Buffer.from(configurationOf(rules));
    const headers = {
      "content-md5": createHash("md5").update(document).digest("base64"),
      ...(transitionMinimum === undefined ? {} : { [TRANSITION_MINIMUM]: transitionMinimum }),
    };
    const request = { method: "PUT", bucketName: bucket, query: "lifecycle", headers };
    const writing: Promise<unknown> =
      rules.length === 0
        ? this.#client.removeBucketLifecycle(bucket)
        : this.#client.makeRequestAsyncOmit(request, document);
    await this.#run("set the lifecycle rules of", bucket, writing);
  }

  async #readLifecycle(bucket: string): Promise<Lifecycle> {
    try {
      const request = { method: "GET", bucketName: bucket, query: "lifecycle" };
      const answer = await this.#client.makeRequestAsync(request);
      // Not the client's own parser, which turns texts such as 007 into numbers and trims them.
      let document = "";
      for await (const chunk of answer.setEncoding("utf8")) document += chunk;
      const minimum = answer.headers[TRANSITION_MINIMUM];
      const rules = parseRules(document);
      return typeof minimum === "string" ? { rules, transitionMinimum: minimum } : { rules };
    } catch (error) {
      if (codeOf(error) === "NoSuchLifecycleConfiguration") return { rules: [] };
      throw error;
    }
  }

  async #isThere(bucket: string): Promise<boolean> {
    try {
      return await this.#client.bucketExists(bucket);
    } catch (error) {
      // Somebody else's, or credentials that are wrong: creating it tells.
      if (codeOf(error) === "AccessDenied") return false;
      throw this.#error(error, "look at", bucket);
    }
  }

  async #run<T>(verb: string, bucket: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const code = codeOf(error);
      if (UNSUPPORTED.test(code) || REFUSED.test(code)) {
        const reason = UNSUPPORTED.test(code) ? code : `${code}: ${(error as Error).message}`;
        throw new Unsupported(reason, { cause: error });
      }
      throw this.#error(error, verb, bucket);
    }
  }

  #error(error: unknown, verb: string, bucket: string): IngotError {
    const code = codeOf(error);
    if (code === "AccessDenied") {
      const text = `Cannot ${verb} s3://${bucket}: ${this.#server} does not permit it. Use the key of somebody who may administer the store (S3_ACCESS_KEY_ID).`;
      return new IngotError("storage_denied", text, { cause: error });
    }
    return s3Error(isS3Error(error) ? withStatus(error, code) : error, {
      verb,
      bucket,
      server: this.#server,
    });
  }
}

const isS3Error = (error: unknown): error is Error => error instanceof Error && error.name === "S3Error";

/** The store's own code of an error; empty for an error of the network. */
function codeOf(error: unknown): string {
  return isS3Error(error) && "code" in error ? String(error.code) : "";
}

/** An error of the `minio` client in the form of the SDK's: it does not tell the answer's status. */
function withStatus(error: Error, code: string): object {
  const status = TRANSIENT.test(code) ? 503 : 400;
  return { name: code, message: error.message, cause: error, $metadata: { httpStatusCode: status } };
}
