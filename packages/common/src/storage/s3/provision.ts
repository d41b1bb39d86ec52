import { IngotError } from "../../errors.ts";
import type { S3Access } from "../../lake-location.ts";
import type { ProvisionStep, Retention, StoreExpiry } from "../provision.ts";
import { type Lifecycle, S3Admin, Unsupported } from "./admin.ts";
import {
  abortId,
  abortRule,
  expiryDays,
  expiryId,
  expiryRule,
  isSameRule,
  type LayerPlace,
  type LifecycleRule,
} from "./lifecycle-rules.ts";

/** See `provisionLake`. Layers that lie in one bucket are set up together. */
export async function provisionS3(
  access: S3Access,
  places: readonly LayerPlace[],
  retention: Retention,
): Promise<ProvisionStep[]> {
  const admin = await S3Admin.open(access);
  const steps: ProvisionStep[] = [];
  for (const [bucket, inIt = []] of Map.groupBy(places, (place) => place.bucket)) {
    const target = `s3://${bucket}`;
    const isNew = await admin.ensureBucket(bucket);
    steps.push(
      isNew
        ? { target, subject: "bucket", outcome: "created", text: "created" }
        : { target, subject: "bucket", outcome: "present", text: "is there already" },
    );
    const rules = await provisionRules(admin, bucket, inIt, retention);
    steps.push(...rules.map((step) => ({ target, subject: "lifecycle rule" as const, ...step })));
    const canExpire = !rules.some(({ outcome }) => outcome === "unsupported");
    if (inIt.some(({ layer }) => layer === "bronze")) {
      const isShared = inIt.some(({ prefix }) => prefix !== "");
      const mustExpire = retention.bronze !== undefined && !canExpire;
      const versioning = await provisionVersioning(admin, bucket, isShared, mustExpire);
      steps.push({ target, subject: "versioning", ...versioning });
    }
  }
  return steps;
}

/** See `storeExpiry`. */
export async function readExpiry(access: S3Access, place: LayerPlace): Promise<StoreExpiry> {
  const admin = await S3Admin.open(access);
  try {
    const { rules } = await admin.lifecycle(place.bucket);
    const ours = rules.find(({ id }) => id === expiryId(place));
    return (ours && expiryDays(ours)) ?? "no rule";
  } catch (error) {
    if (error instanceof Unsupported) return "unsupported";
    if (error instanceof IngotError && error.code === "storage_denied") return "hidden";
    throw error;
  }
}

type Outcome = Pick<ProvisionStep, "outcome" | "text">;

/**
 * Bronze keeps what is written over, as an older version. Not the other layers: silver and quarantine can be made anew,
 * and gold's `latest/` is written every few seconds.
 *
 * @param mustExpire bronze is to be deleted after a time, and the store cannot do that for older versions
 */
async function provisionVersioning(
  admin: S3Admin,
  bucket: string,
  isShared: boolean,
  mustExpire: boolean,
): Promise<Outcome> {
  if (isShared) {
    const text = "versioning left as it is, because it would cover everything in this bucket";
    return { outcome: "left", text };
  }
  const state = await admin.versioning(bucket);
  if (state === "Enabled") {
    const lasting =
      ", but this store cannot expire older versions: delete them yourself after BRONZE_RETENTION_DAYS";
    return { outcome: "present", text: `versioning is enabled already${mustExpire ? lasting : ""}` };
  }
  // Only people suspend it.
  if (state === "Suspended")
    return { outcome: "left", text: "versioning was suspended by somebody: left so" };
  if (mustExpire) {
    const text =
      "versioning not enabled: this store could not expire older versions, and BRONZE_RETENTION_DAYS is set";
    return { outcome: "left", text };
  }
  try {
    await admin.enableVersioning(bucket);
    return { outcome: "changed", text: "versioning enabled: what is written over stays as an older version" };
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    return { outcome: "unsupported", text: "no versioning: this store keeps no older versions" };
  }
}

/** Brings our rules in a bucket to what is wanted; those of others stay as they are. */
async function provisionRules(
  admin: S3Admin,
  bucket: string,
  places: readonly LayerPlace[],
  retention: Retention,
): Promise<Outcome[]> {
  const expiry = places.flatMap((place) => {
    const days =
      place.layer === "bronze" || place.layer === "quarantine" ? retention[place.layer] : undefined;
    return days === undefined ? [] : [expiryRule(place, days)];
  });
  const abort = places.map(abortRule);
  const ours = new Set(places.flatMap((place) => [expiryId(place), abortId(place)]));
  try {
    const current = await admin.lifecycle(bucket);
    try {
      return await replaceRules(admin, bucket, current, ours, [...abort, ...expiry]);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      // MinIO refuses this rule alone; it removes such uploads by itself, after a day.
      const steps = await replaceRules(admin, bucket, current, ours, expiry);
      return [
        { outcome: "left", text: "broken uploads are left to the store: it takes no rule for them" },
        ...steps,
      ];
    }
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    const who = expiry.length === 0 ? "" : ": the cleaner deletes what is too old, if its key may";
    return [{ outcome: "unsupported", text: `this store takes no lifecycle rules (${error.message})${who}` }];
  }
}

/** Writes only where something differs, so that nobody's change in between is lost without need. */
async function replaceRules(
  admin: S3Admin,
  bucket: string,
  { rules, ...rest }: Lifecycle,
  ours: ReadonlySet<string>,
  wanted: readonly LifecycleRule[],
): Promise<Outcome[]> {
  const steps: Outcome[] = [];
  for (const rule of wanted) {
    const current = rules.find(({ id }) => id === rule.id);
    const outcome = !current ? "created" : isSameRule(current, rule) ? "present" : "changed";
    const done = { created: "set", changed: "changed", present: "is there already" }[outcome];
    steps.push({ outcome, text: `${describe(rule)}: ${done}` });
  }
  const isWanted = ({ id }: LifecycleRule): boolean => wanted.some((rule) => rule.id === id);
  for (const rule of rules) {
    if (!ours.has(rule.id) || isWanted(rule)) continue;
    steps.push({ outcome: "removed", text: `${describe(rule)}: removed` });
  }
  if (steps.some(({ outcome }) => outcome !== "present")) {
    const others = rules.filter(({ id }) => !ours.has(id));
    await admin.setLifecycle(bucket, { ...rest, rules: [...others, ...wanted] });
  }
  return steps;
}

function describe(rule: LifecycleRule): string {
  const days = expiryDays(rule);
  return `rule ${rule.id}${days === undefined ? "" : ` (objects and older versions go after ${days} days)`}`;
}
