import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Layer, openStoreProbe, ROLES, type Role, type S3Access, type StoreProbe } from "@ingot/common";
import { checkBehaviour } from "./behaviour.ts";
import { checkBuckets, checkRetention, checkVersioning, type LayerPlace } from "./buckets.ts";
import { checkClock } from "./clock.ts";
import { checkCredentials, GIVEN } from "./credentials.ts";
import { type Check, type Deployment, type Finding, notChecked, type S3Deployment } from "./finding.ts";
import { checkFolderLake } from "./folder.ts";
import { checkLake } from "./lake.ts";
import { checkNotifications } from "./notifications.ts";
import { checkPrivacy, everything, judgeRights, ofRole, probeRights } from "./permissions.ts";
import { checkReachable, serverUrl } from "./reachable.ts";
import { readRoleCredentials } from "./role-credentials.ts";
import { checkWarehouse } from "./warehouse.ts";

/** Whose permissions are looked at. */
export interface Examined {
  /** One role alone; absent for what `ingot up` needs. */
  role?: Role | undefined;
  /** The folder with each role's credentials. */
  folder?: string | undefined;
}

type Findings = AsyncGenerator<Finding>;

/** All checks of a deployment whose settings are in order, first causes first. */
export async function* examine(deployment: Deployment, examined: Examined): Findings {
  const { settings, location, now } = deployment;
  if (location.s3) {
    yield* examineStore({ ...deployment, location: { ...location, s3: location.s3 } }, examined);
    return;
  }
  const findings = await checkFolderLake(location, now);
  yield* findings;
  if (findings.some(({ check, status }) => check === "folder" && status === "failed")) {
    yield* skipped(["notifications", "warehouse", "lake"], "the folder cannot be used");
    return;
  }
  const { bronze } = location.buckets;
  if (existsSync(path.join(fileURLToPath(location.url), bronze))) {
    yield await checkNotifications(settings, location, "bronze");
  } else yield notChecked("notifications", "", `there is no folder ${bronze} yet`);
  yield* await checkWarehouse(settings);
  yield* await checkLake(settings, location, now());
}

const AFTER_CREDENTIALS: readonly Check[] = [
  "buckets",
  "versioning",
  "retention",
  "permissions",
  "conditional_create",
  "consistency",
  "notifications",
  "lake",
];

async function* examineStore(deployment: S3Deployment, examined: Examined): Findings {
  const { location, now } = deployment;
  const { finding, answers } = await checkReachable(location.s3, now);
  yield finding;
  if (finding.status === "failed") {
    yield* skipped(["clock", "credentials", ...AFTER_CREDENTIALS], "the store cannot be reached");
  } else {
    const clock = checkClock(serverUrl(location.s3).host, answers);
    yield clock;
    if (clock.status === "failed") {
      const why = "with such a clock the store refuses everything";
      yield* skipped(["credentials", ...AFTER_CREDENTIALS], why);
    } else yield* examineWithCredentials(deployment, examined);
  }
  // Only who runs an aggregator has a warehouse.
  const hasWarehouse = examined.role === undefined || /^(aggregator|operator)$/.test(examined.role);
  if (hasWarehouse) yield* await checkWarehouse(deployment.settings);
}

async function* examineWithCredentials(deployment: S3Deployment, examined: Examined): Findings {
  const { location } = deployment;
  const { role, folder } = examined;
  // Where no credentials are given, the operator may see most.
  const whose = role ?? (location.s3.accessKeyId === undefined ? "operator" : undefined);
  const own = whose === undefined || folder === undefined ? undefined : readRoleCredentials(folder, whose);
  if (own && "problem" in own) {
    yield { ...own.problem, status: "failed" };
    yield* skipped(AFTER_CREDENTIALS, "there are no credentials");
    return;
  }
  const s3: S3Access = { ...location.s3, ...own?.keys };
  const here = { ...deployment, location: { ...location, s3 } };
  const probe = await openStoreProbe(s3);
  try {
    const visible = await probe.buckets();
    const credentials = checkCredentials(own?.source ?? GIVEN, s3, visible);
    yield credentials;
    if (credentials.status === "failed") {
      yield* skipped(AFTER_CREDENTIALS, "the store does not accept the credentials");
      if (folder !== undefined && role === undefined) yield* examineRoles(deployment, folder, []);
      return;
    }
    const { findings, places } = await checkBuckets(here, probe, visible);
    yield* findings;
    yield* examineBuckets(here, examined, probe, places);
  } finally {
    probe.close();
  }
}

/** The layer that the service of a role watches for new objects. */
const WATCHED: Readonly<Partial<Record<Role, Layer>>> = { cleaner: "bronze", aggregator: "silver" };

async function* examineBuckets(
  deployment: S3Deployment,
  { role, folder }: Examined,
  probe: StoreProbe,
  places: readonly LayerPlace[],
): Findings {
  const { settings, location, now } = deployment;
  const bronze = places.find(({ layer }) => layer === "bronze")!;
  const noBucket = `there is no bucket ${bronze.bucket}`;
  if (bronze.isThere) {
    yield await checkVersioning(probe, bronze);
    yield* await checkRetention(deployment, places);
  } else yield* skipped(["versioning", "retention"], noBucket);
  const rights = await probeRights(probe, places);
  if (rights.size === 0) yield notChecked("permissions", "", noBucket);
  yield* judgeRights(role === undefined ? everything() : ofRole(role), places, rights);
  yield* await checkPrivacy(probe, places);
  if (folder !== undefined && role === undefined) yield* examineRoles(deployment, folder, places);
  yield* await checkBehaviour(probe, places, rights);
  if (!bronze.isThere) {
    yield* skipped(["notifications", "lake"], noBucket);
    return;
  }
  const watched = role === undefined ? "bronze" : WATCHED[role];
  if (watched) yield await checkNotifications(settings, location, watched);
  const sees = (layer: Layer): boolean => rights.get(layer)?.list === "granted";
  if (sees("bronze") && sees("silver")) yield* await checkLake(settings, location, now());
  else yield notChecked("lake", "", "these credentials may not list bronze and silver");
}

/** Each role with its own credentials. What the administrator's could see of the buckets holds for them too. */
async function* examineRoles(
  { location }: S3Deployment,
  folder: string,
  places: readonly LayerPlace[],
): Findings {
  for (const role of ROLES) {
    const credentials = readRoleCredentials(folder, role);
    if ("problem" in credentials) {
      yield credentials.problem;
      continue;
    }
    const access = { ...location.s3, ...credentials.keys };
    const probe = await openStoreProbe(access);
    try {
      const finding = checkCredentials(credentials.source, access, await probe.buckets());
      if (finding.status === "failed" || places.length === 0) yield finding;
      else yield* judgeRights(ofRole(role), places, await probeRights(probe, places));
    } finally {
      probe.close();
    }
  }
}

function* skipped(checks: readonly Check[], why: string): Generator<Finding> {
  for (const check of checks) yield notChecked(check, "", why);
}
