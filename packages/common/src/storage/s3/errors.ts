import { type ErrorCode, IngotError } from "../../errors.ts";
import { invalidKey } from "../keys.ts";

/** What was asked of which bucket when it failed. */
export interface S3Action {
  /** As it stands after "Cannot": `read`, `list`. */
  verb: string;
  bucket: string;
  /** As the caller knows it, without the store's prefix. */
  key?: string;
  /** The server's address, or the region where there is none. */
  server: string;
}

/** The parts of an SDK error that tell what happened. */
interface Failure {
  name: string;
  message: string;
  /** Node's code of a network error. */
  code: string;
  /** HTTP status; 0 where no answer came. */
  status: number;
  attempts: number;
}

const CREDENTIAL_ERRORS: ReadonlySet<string> = new Set([
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "InvalidToken",
  "ExpiredToken",
  "TokenRefreshRequired",
  "XAdminUserNotFound",
  "CredentialsProviderError",
]);
const CLOCK_ERRORS: ReadonlySet<string> = new Set([
  "RequestTimeTooSkewed",
  "RequestExpired",
  "RequestInTheFuture",
]);
const REGION_ERRORS: ReadonlySet<string> = new Set([
  "PermanentRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
]);
const NAME_ERRORS: ReadonlySet<string> = new Set([
  "KeyTooLongError",
  "InvalidObjectName",
  "XMinioInvalidObjectName",
  "XMinioParentIsObject",
  "XMinioInvalidResourceName",
]);
const CERTIFICATE_ERROR = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/;

export function failureOf(error: unknown): Failure {
  const raw = error as { name?: string; message?: string; code?: string; $metadata?: Metadata } | null;
  return {
    name: raw?.name ?? "",
    message: raw?.message ?? String(error),
    code: raw?.code ?? "",
    status: raw?.$metadata?.httpStatusCode ?? 0,
    attempts: raw?.$metadata?.attempts ?? 1,
  };
}

interface Metadata {
  httpStatusCode?: number;
  attempts?: number;
}

/** The product's error for what the SDK threw. */
export function s3Error(error: unknown, action: S3Action): IngotError {
  if (error instanceof IngotError) return error;
  const failure = failureOf(error);
  if (NAME_ERRORS.has(failure.name) && action.key !== undefined) {
    return invalidKey(action.key, `the store refuses it (${failure.name})`, error);
  }
  const { code, text } = explain(failure, action);
  const context = action.key === undefined ? {} : { key: action.key };
  return new IngotError(code, text, { cause: error, context });
}

function explain(failure: Failure, action: S3Action): { code: ErrorCode; text: string } {
  const { name, status, code } = failure;
  const { bucket, server } = action;
  const cannot = `Cannot ${action.verb} s3://${bucket}${action.key === undefined ? "" : ` (${action.key})`}:`;
  if (name === "NoSuchBucket") {
    const text = `The bucket ${bucket} does not exist at ${server}. Create it, or name another one (BUCKET_PREFIX).`;
    return { code: "bucket_missing", text };
  }
  if (CREDENTIAL_ERRORS.has(name)) {
    const text = `${cannot} ${server} does not accept the credentials (${name}). Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.`;
    return { code: "storage_denied", text };
  }
  if (CLOCK_ERRORS.has(name)) {
    const text = `${cannot} the clocks of this machine and of ${server} differ too much (${name}). Set this machine's clock.`;
    // A clock that jumped is soon learnt of: the client corrects its requests by what the store answers.
    return { code: "storage_unavailable", text };
  }
  if (REGION_ERRORS.has(name) || status === 301) {
    return {
      code: "storage_denied",
      text: `${cannot} the bucket is in another region (${name}). Set S3_REGION.`,
    };
  }
  if (CERTIFICATE_ERROR.test(code)) {
    const text = `${cannot} the certificate of ${server} is not trusted (${code}). Set NODE_EXTRA_CA_CERTS to its authority's.`;
    return { code: "storage_denied", text };
  }
  if (status === 401 || status === 403) {
    // An answer to a HEAD request has no text that tells wrong credentials from missing rights.
    const text = `${cannot} ${server} does not permit it (HTTP ${status}). Check S3_ACCESS_KEY_ID, and that this key may ${action.verb} in the bucket.`;
    return { code: "storage_denied", text };
  }
  if (name === "NoSuchKey" || name === "NotFound") {
    return { code: "object_missing", text: `There is no object ${action.key} in ${bucket}.` };
  }
  if (status === 412) {
    return {
      code: "object_changed",
      text: `The object ${action.key} in ${bucket} changed while it was being read.`,
    };
  }
  if (isRefusal(status)) {
    return { code: "storage_denied", text: `${cannot} ${server} refuses (${name}: ${failure.message}).` };
  }
  // Without what differs from one attempt to the next: the same failure has to have the same text.
  const reason = code === "" ? `${name}: ${failure.message}` : code;
  const text = `${cannot} ${server} does not answer as it should (${reason}). Check that the store runs and that S3_ENDPOINT is right.`;
  return { code: "storage_unavailable", text };
}

/** Client errors that the same request will get again. */
function isRefusal(status: number): boolean {
  const isTemporary = status === 408 || status === 409 || status === 425 || status === 429;
  return status >= 400 && status < 500 && !isTemporary;
}
