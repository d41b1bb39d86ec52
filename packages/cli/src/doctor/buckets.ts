import {
  type Answer,
  LAYERS,
  type Layer,
  type Place,
  placeOf,
  type StoreProbe,
  storeExpiry,
} from "@ingot/common";
import { type Finding, failed, fine, listed, notChecked, type S3Deployment, warning } from "./finding.ts";
import { within } from "./within.ts";

/** What is known of a layer's place on the store. */
export interface LayerPlace extends Place {
  layer: Layer;
  isThere: boolean;
  /** True where the bucket certainly keeps no older versions, so that what is deleted is gone. */
  isUnversioned: boolean;
}

const UNSUPPORTED = /^(NotImplemented|MethodNotAllowed|VersioningNotConfigured)$/;
const ADMINISTRATOR = "with the credentials of an administrator";

/** Whether each layer's bucket is there. */
export async function checkBuckets(
  { location }: S3Deployment,
  probe: StoreProbe,
  visible: Answer<string[]>,
): Promise<{ findings: Finding[]; places: LayerPlace[] }> {
  const { url, buckets } = location;
  const asked = await Promise.all(
    LAYERS.map(async (layer) => {
      const place = placeOf(layer, url, buckets);
      return {
        ...place,
        layer,
        answer: await probe.canList(place),
        unversioned: isUnversioned(probe, place),
      };
    }),
  );
  const places: LayerPlace[] = [];
  const groups: Record<"there" | "missing" | "closed", Set<string>> = {
    there: new Set(),
    missing: new Set(),
    closed: new Set(),
  };
  const others: Finding[] = [];
  for (const { layer, bucket, prefix, answer, unversioned } of asked) {
    const state = stateOf(answer);
    if (state === "odd") others.push(odd(bucket, answer));
    else groups[state].add(bucket);
    const isThere = state === "there" || state === "closed";
    places.push({ layer, bucket, prefix, isThere, isUnversioned: await unversioned });
  }
  const { there, missing, closed } = groups;
  const findings = [
    ...(missing.size > 0 ? [missingBuckets([...missing], prefixHint(buckets, visible))] : []),
    ...others,
    ...(there.size > 0 ? [fine("buckets", listed([...there]), `${listed([...there])}: there`)] : []),
    ...(closed.size > 0
      ? [notChecked("buckets", listed([...closed]), "these credentials may not look into it")]
      : []),
  ];
  return { findings, places };
}

function stateOf(answer: Answer): "there" | "missing" | "closed" | "odd" {
  if (answer.ok) return "there";
  if (answer.code === "NoSuchBucket" || answer.status === 404) return "missing";
  return answer.status === 403 ? "closed" : "odd";
}

function missingBuckets(names: readonly string[], hint: string): Finding {
  const [is, it] = names.length === 1 ? ["is no bucket", "it"] : ["are no buckets", "them"];
  const remedy = `${hint}Run ingot init ${ADMINISTRATOR}: it makes ${it}. Or name others: BUCKET_PREFIX, BRONZE_BUCKET, …`;
  return failed("buckets", listed(names), `There ${is} ${listed(names)}.`, remedy);
}

function odd(bucket: string, answer: Answer): Finding {
  const { code, status, message } = answer.ok ? { code: "", status: 0, message: "" } : answer;
  if (status === 301 || code === "PermanentRedirect") {
    return failed(
      "buckets",
      bucket,
      `The bucket ${bucket} is in another region.`,
      "Set S3_REGION to its region.",
    );
  }
  const detail = `The store does not list the bucket ${bucket} (${code}: ${message}).`;
  return failed("buckets", bucket, detail, "Run the doctor again; if it stays so, look at the store's log.");
}

/** Where buckets of all layers are there under another prefix, that is what was meant. */
function prefixHint(buckets: Readonly<Record<Layer, string>>, visible: Answer<string[]>): string {
  if (!visible.ok) return "";
  const prefixes = visible.value.filter((name) => name.endsWith("bronze")).map((name) => name.slice(0, -6));
  const meant = prefixes.find((prefix) => LAYERS.every((layer) => visible.value.includes(prefix + layer)));
  if (meant === undefined || buckets.bronze === `${meant}bronze`) return "";
  return meant === ""
    ? "The store has buckets without a prefix: unset BUCKET_PREFIX if they are meant. "
    : `The store has ${meant}bronze: set BUCKET_PREFIX=${meant} if it is meant. `;
}

async function isUnversioned(probe: StoreProbe, { bucket }: Place): Promise<boolean> {
  const versioning = await probe.versioning(bucket);
  return versioning.ok ? versioning.value === undefined : UNSUPPORTED.test(versioning.code);
}

/** Whether bronze keeps what is written over. */
export async function checkVersioning(probe: StoreProbe, { bucket, prefix }: Place): Promise<Finding> {
  const answer = await probe.versioning(bucket);
  if (!answer.ok) {
    const why = UNSUPPORTED.test(answer.code)
      ? "this store keeps no older versions"
      : `these credentials may not see it (${answer.code})`;
    return notChecked("versioning", bucket, why);
  }
  if (answer.value === "Enabled")
    return fine("versioning", bucket, "a raw file that is written over or deleted stays as an older version");
  const state = answer.value === "Suspended" ? "suspended" : "off";
  const detail = `Versioning of ${bucket} is ${state}: a raw file that somebody writes over or deletes is lost.`;
  const remedy =
    prefix === "" && answer.value === undefined
      ? `Run ingot init ${ADMINISTRATOR}; it says so where the store keeps no versions.`
      : `Turn it on by hand, since ingot init leaves this to you: mc version enable <alias>/${bucket}`;
  return warning("versioning", bucket, detail, remedy);
}

/** Whether the store's lifecycle rules say what the options say. */
export async function checkRetention(
  { settings, location }: S3Deployment,
  places: readonly LayerPlace[],
): Promise<Finding[]> {
  const wanted = { bronze: settings.bronzeRetentionDays, quarantine: settings.quarantineRetentionDays };
  const findings: Finding[] = [];
  for (const layer of ["bronze", "quarantine"] as const) {
    if (!places.find((place) => place.layer === layer)?.isThere) continue;
    const expiry = await within(storeExpiry(location, layer)).catch(() => "hidden" as const);
    const finding = retentionFinding(layer, wanted[layer], expiry);
    if (finding) findings.push(finding);
  }
  return findings;
}

function retentionFinding(
  layer: "bronze" | "quarantine",
  wanted: number | undefined,
  expiry: Awaited<ReturnType<typeof storeExpiry>>,
): Finding | undefined {
  const variable = `${layer.toUpperCase()}_RETENTION_DAYS`;
  if (typeof expiry === "number" && expiry !== wanted) {
    const option = wanted === undefined ? "is not set" : `is ${wanted}`;
    const detail = `The store deletes what lies in ${layer} after ${expiry} days, but ${variable} ${option}.`;
    const remedy = `Set ${variable}=${expiry}, or bring the rule in line with it: ingot init ${ADMINISTRATOR}`;
    return warning("retention", layer, detail, remedy);
  }
  if (wanted === undefined) return undefined;
  switch (expiry) {
    case "hidden":
      return notChecked("retention", layer, "these credentials may not see the lifecycle rules");
    case "unsupported":
      return fine(
        "retention",
        layer,
        `the store has no lifecycle rules: the cleaner deletes after ${wanted} days`,
      );
    case "no rule": {
      const detail = `${variable} is ${wanted}, but the store has no rule for it: nothing is deleted.`;
      return warning("retention", layer, detail, `Run ingot init ${ADMINISTRATOR}.`);
    }
    default:
      return fine("retention", layer, `the store deletes what is older than ${wanted} days`);
  }
}
