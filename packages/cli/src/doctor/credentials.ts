import type { Answer, S3Access } from "@ingot/common";
import { type Finding, failed, fine, KEYS } from "./finding.ts";

/** Where a user's credentials come from, for remedies. */
export interface CredentialSource {
  /** What the finding is about: a role, or empty for the given credentials. */
  subject: string;
  /** As it stands after "Check": variables or files. */
  names: { accessKey: string; secretKey: string };
}

export const GIVEN: CredentialSource = {
  subject: "",
  names: { accessKey: "S3_ACCESS_KEY_ID", secretKey: "S3_SECRET_ACCESS_KEY" },
};

const REFUSED: ReadonlySet<string> = new Set(["InvalidAccessKeyId", "XAdminUserNotFound", "InvalidUserId"]);
const EXPIRED: ReadonlySet<string> = new Set(["ExpiredToken", "InvalidToken", "TokenRefreshRequired"]);
const SKEWED: ReadonlySet<string> = new Set(["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"]);
const REGION: ReadonlySet<string> = new Set(["AuthorizationHeaderMalformed", "PermanentRedirect"]);

/** Whether the store accepts the credentials, by its answer to the question which buckets there are. */
export function checkCredentials(
  { subject, names }: CredentialSource,
  access: S3Access,
  answer: Answer<string[]>,
): Finding {
  const fail = (detail: string, remedy: string): Finding => failed("credentials", subject, detail, remedy);
  // A variable may also name a file.
  const orFile = (name: string): string =>
    subject === "" ? `${name}, or the file that ${name}_FILE names` : name;
  if (answer.ok) return fine("credentials", subject, "the store accepts them");
  const { code, status, message } = answer;
  // Known to the store, and not permitted to see which buckets there are: that is as it should be.
  if (status === 403 && code === "AccessDenied")
    return fine("credentials", subject, "the store accepts them");
  if (REFUSED.has(code)) {
    return fail(
      `The store does not know the access key (${code}).`,
      `Check ${orFile(names.accessKey)}. Its user has to be made on the store first; in the compose deployment: docker compose run --rm users`,
    );
  }
  if (code === "SignatureDoesNotMatch") {
    return fail(
      `The store knows the access key, but the secret is wrong (${code}).`,
      `Check ${orFile(names.secretKey)}: another user's secret, quotes, missing characters? If it is right, a proxy in between changes the Host header or the path.`,
    );
  }
  if (code === "CredentialsProviderError") {
    return fail(
      "There are no credentials.",
      `Set ${KEYS}, or …_FILE with files that hold them. In the compose deployment: docker compose run --rm doctor`,
    );
  }
  if (EXPIRED.has(code)) {
    return fail(`The credentials are no longer valid (${code}).`, "Get new ones where these came from.");
  }
  if (SKEWED.has(code)) {
    return fail(
      `The store refuses them because of the time (${code}).`,
      "Set this machine's clock. On Linux: sudo timedatectl set-ntp true",
    );
  }
  if (REGION.has(code) || status === 301) {
    return fail(
      `The store is not in the region ${access.region} (${code}: ${message}).`,
      "Set S3_REGION to the region that the store names.",
    );
  }
  if (status === 401 || status === 403) {
    return fail(
      `The store does not accept them (${code}).`,
      `Check ${orFile(names.accessKey)}; and ${orFile(names.secretKey)}.`,
    );
  }
  return fail(
    `The store does not answer the question which buckets there are (${code}: ${message}).`,
    "Run the doctor again; if it stays so, look at the store's log: docker compose logs store",
  );
}
