import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { fileURLToPath } from "node:url";
import {
  type Command,
  IngotError,
  type LakeLocation,
  lakeLocation,
  messageOf,
  type Settings,
} from "@ingot/common";
import { alarmTargets } from "@ingot/common/alarms";
import { warehouseFile } from "@ingot/warehouse";
import { type Finding, failed, fine, KEYS, warning, withoutSecrets } from "./finding.ts";

/** The options that say where the lake is and how to reach it. */
export const DOCTOR_OPTIONS: Command["options"] = [
  "lakeUrl",
  "bucketPrefix",
  "s3Endpoint",
  "s3Region",
  "s3PathStyle",
  "s3AccessKeyId",
  "s3SecretAccessKey",
  "warehouseUrl",
  "bronzeRetentionDays",
  "quarantineRetentionDays",
  "emailHashKey",
  "kpiDir",
  "notifications",
  "alarmWebhookUrl",
  "alarmEmailTo",
  "alarmEmailFrom",
  "smtpUrl",
];

/**
 * What the options say, before anything is asked of the storage. The location is missing where nothing can be asked
 * before they are mended.
 */
export function checkSettings(settings: Settings): { findings: Finding[]; location?: LakeLocation } {
  let location: LakeLocation;
  try {
    location = lakeLocation(settings);
    warehouseFile(settings);
  } catch (error) {
    const variable = error instanceof IngotError ? (error.context.variable ?? "") : "";
    return { findings: [failed("settings", variable, messageOf(error), `Correct ${variable}.`)] };
  }
  const { url, s3 } = location;
  if (s3 && url.host === "" && /[^/]/.test(url.pathname)) {
    const detail = `LAKE_URL is ${withoutSecrets(url)}, which has no bucket between the second and the third slash.`;
    return {
      findings: [failed("settings", "LAKE_URL", detail, "Set LAKE_URL=s3:// or LAKE_URL=s3://bucket/path.")],
    };
  }
  const access = accessProblems(settings);
  const others = [...kpiProblems(settings), ...alarmProblems(settings)];
  const findings = [fine("settings", "", describe(location)), ...access, ...others];
  return access.some(({ status }) => status === "failed") ? { findings } : { findings, location };
}

function describe({ url, buckets, s3 }: LakeLocation): string {
  const names = Object.values(buckets).join(", ");
  if (!s3) return `the lake is the folder ${fileURLToPath(url)} (${names})`;
  const server = s3.endpoint === undefined ? `Amazon S3, region ${s3.region}` : withoutSecrets(s3.endpoint);
  const where = url.host === "" ? `the buckets ${names}` : `${withoutSecrets(url)} with the folders ${names}`;
  return `the lake is ${where} at ${server}`;
}

function accessProblems(settings: Settings): Finding[] {
  const { lakeUrl, s3Endpoint, s3AccessKeyId, s3SecretAccessKey } = settings;
  if (lakeUrl.protocol !== "s3:") {
    if (s3Endpoint === undefined) return [];
    const detail = `S3_ENDPOINT is ${withoutSecrets(s3Endpoint)}, but the lake is a folder: nothing goes to that store.`;
    return [warning("settings", "LAKE_URL", detail, "Set LAKE_URL=s3:// if the lake is meant to be there.")];
  }
  const problems: Finding[] = [];
  if ((s3AccessKeyId === undefined) !== (s3SecretAccessKey === undefined)) {
    const missing = s3AccessKeyId === undefined ? "S3_ACCESS_KEY_ID" : "S3_SECRET_ACCESS_KEY";
    const detail = `${missing} is not set, so the other one is not used either.`;
    problems.push(failed("settings", missing, detail, `Set both ${KEYS}, or neither.`));
  }
  if (s3Endpoint?.startsWith("http:") && !isNearby(new URL(s3Endpoint).hostname)) {
    const detail = `S3_ENDPOINT is ${withoutSecrets(s3Endpoint)}: everything crosses the network unencrypted, personal data included.`;
    const remedy = `Set S3_ENDPOINT=${withoutSecrets(s3Endpoint).replace("http:", "https:")} once the store has a certificate.`;
    problems.push(warning("settings", "S3_ENDPOINT", detail, remedy));
  }
  return problems;
}

/** This machine itself, or a name without a dot: a container of the same network. */
export function isNearby(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0) return host === "::1" || host.startsWith("127.");
  return !host.includes(".") || host.endsWith(".localhost") || host === "host.docker.internal";
}

function kpiProblems({ kpiDir }: Settings): Finding[] {
  if (kpiDir === undefined || existsSync(kpiDir)) return [];
  const detail = `KPI_DIR is ${kpiDir}, which does not exist: the aggregator will not start.`;
  return [failed("settings", "KPI_DIR", detail, `Make the folder, or unset KPI_DIR: mkdir -p '${kpiDir}'`)];
}

function alarmProblems(settings: Settings): Finding[] {
  try {
    alarmTargets(settings);
    return [];
  } catch (error) {
    const variable = error instanceof IngotError ? (error.context.variable ?? "") : "";
    return [failed("settings", variable, messageOf(error), `Set ${variable}, or unset the other.`)];
  }
}
