import type { LakeLocation, S3Access, Settings } from "@ingot/common";

/** The kinds of checks, in the order in which they are made: a later one relies on the earlier. */
export type Check =
  | "settings"
  | "reachable"
  | "clock"
  | "credentials"
  | "buckets"
  | "versioning"
  | "retention"
  | "permissions"
  | "conditional_create"
  | "consistency"
  | "folder"
  | "disk"
  | "notifications"
  | "warehouse"
  | "lake"
  | "alarms";

export type Status = "ok" | "warning" | "failed" | "skipped";

/** What one check found. */
export interface Finding {
  check: Check;
  /** What it is about: a variable, a bucket, a role; empty for the deployment as a whole. */
  subject: string;
  status: Status;
  /** What was found, in a sentence. */
  detail: string;
  /** What to do, to be followed literally; null where there is nothing to do. */
  remedy: string | null;
}

/** What the checks are made on. */
export interface Deployment {
  settings: Settings;
  location: LakeLocation;
  now(): Date;
}

export type S3Deployment = Deployment & { location: LakeLocation & { s3: S3Access } };

export function fine(check: Check, subject: string, detail: string): Finding {
  return { check, subject, status: "ok", detail, remedy: null };
}

export function warning(check: Check, subject: string, detail: string, remedy: string): Finding {
  return { check, subject, status: "warning", detail, remedy };
}

export function failed(check: Check, subject: string, detail: string, remedy: string): Finding {
  return { check, subject, status: "failed", detail, remedy };
}

/** How the detail of a skipped check begins. */
export const NOT_CHECKED = "not checked: ";

export function notChecked(check: Check, subject: string, why: string): Finding {
  return { check, subject, status: "skipped", detail: `${NOT_CHECKED}${why}`, remedy: null };
}

/** The variables of the store's credentials, for remedies. */
export const KEYS = "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY";

/** An address without the user and password that somebody may have put into it. */
export function withoutSecrets(address: string | URL): string {
  const url = new URL(address);
  url.username = "";
  url.password = "";
  return url.href.replace(/\/$/, "");
}

/** Names as people list them: "a, b and c". */
export function listed(names: readonly string[], last: "and" | "or" = "and"): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${last} ${names.at(-1)}`;
}
