import {
  LAYERS,
  type Layer,
  type Right,
  ROLE_RIGHTS,
  type Role,
  type StoreProbe,
  type Verdicts,
} from "@ingot/common";
import type { LayerPlace } from "./buckets.ts";
import { type Finding, failed, fine, listed, notChecked, warning } from "./finding.ts";

export type LayerRights = Readonly<Partial<Record<Layer, readonly Right[]>>>;

const RIGHTS: readonly Right[] = ["list", "read", "add", "delete"];
/** The rights as policies name them. */
const ACTIONS: Readonly<Record<Right | "abort", string>> = {
  list: "s3:ListBucket",
  read: "s3:GetObject",
  add: "s3:PutObject",
  abort: "s3:AbortMultipartUpload",
  delete: "s3:DeleteObject",
};

/** Who is examined, and for what. */
export interface Person {
  /** A role, or empty for the given credentials. */
  subject: string;
  /** What must be granted. */
  wanted: LayerRights;
  /** Whether more than that is worth a warning. */
  isExact: boolean;
}

/** Everything that the services of `ingot up` do, with the same credentials. */
export function everything(): Person {
  const wanted = Object.fromEntries(
    LAYERS.map((layer) => {
      const roles = (["generator", "cleaner", "aggregator", "scheduler"] as const).map(
        (role) => ROLE_RIGHTS[role][layer] ?? [],
      );
      return [layer, RIGHTS.filter((right) => roles.some((rights) => rights.includes(right)))];
    }),
  );
  return { subject: "", wanted, isExact: false };
}

export function ofRole(role: Role): Person {
  return { subject: role, wanted: ROLE_RIGHTS[role], isExact: true };
}

/** What these credentials may do in each layer whose bucket is there. */
export async function probeRights(
  probe: StoreProbe,
  places: readonly LayerPlace[],
): Promise<Map<Layer, Verdicts>> {
  const there = places.filter(({ isThere }) => isThere);
  const verdicts = await Promise.all(
    there.map(async (place) => [place.layer, await probe.rights(place, place.isUnversioned)] as const),
  );
  return new Map(verdicts);
}

/** What is missing, what is too much, what cannot be told; one line where all is as it should be. */
export function judgeRights(
  { subject, wanted, isExact }: Person,
  places: readonly LayerPlace[],
  found: ReadonlyMap<Layer, Verdicts>,
): Finding[] {
  const findings: Finding[] = [];
  for (const place of places) {
    const verdicts = found.get(place.layer);
    const needed = wanted[place.layer] ?? [];
    const name = [subject, place.layer].filter(Boolean).join(" in ");
    if (!verdicts) continue;
    findings.push(...missing(name, subject, place, needed, verdicts));
    if (isExact) findings.push(...tooMuch(name, subject, place, needed, verdicts));
    const asked = isExact ? RIGHTS : needed;
    const untold = asked.filter((right) => verdicts[right] === "unknown");
    if (untold.length > 0) {
      const why = `this store does not tell whether it may ${listed(untold, "or")}`;
      findings.push(notChecked("permissions", name, why));
    }
  }
  if (findings.some(({ status }) => status === "failed" || status === "warning")) return findings;
  const told = LAYERS.flatMap((layer) => {
    const rights = (wanted[layer] ?? []).filter((right) => found.get(layer)?.[right] === "granted");
    return rights.length > 0 ? [`${layer} ${rights.join(", ")}`] : [];
  });
  if (told.length === 0) return findings;
  const isAll = findings.length === 0 && found.size === places.length;
  const only = isExact && isAll ? ", and nothing else" : "";
  return [fine("permissions", subject, `may do what it needs to${only}: ${told.join("; ")}`), ...findings];
}

function missing(
  name: string,
  subject: string,
  place: LayerPlace,
  needed: readonly Right[],
  verdicts: Verdicts,
): Finding[] {
  const lacking = needed.filter((right) => verdicts[right] === "denied");
  const lacksAbort = needed.includes("add") && verdicts.abort === "denied" && !lacking.includes("add");
  if (lacking.length === 0 && !lacksAbort) return [];
  const what =
    lacking.length > 0 ? listed(lacking, "or") : "break off an upload, so that broken ones pile up";
  const actions = [
    ...lacking,
    ...(needed.includes("add") && verdicts.abort === "denied" ? (["abort"] as const) : []),
  ];
  const who = subject === "" ? "These credentials" : `The ${subject}`;
  const detail = `${who} may not ${what} in ${place.layer} (the store refuses ${listed(actions.map((right) => ACTIONS[right]))}).`;
  const remedy =
    subject === ""
      ? `Allow ${statement(actions, place)}; or run each service with its own user (ingot credentials <folder> makes their policies) and check with --role.`
      : `Allow its user ${statement(actions, place)}: policies/${subject}.json, as ingot credentials <folder> writes it, does. On MinIO: docker compose run --rm users`;
  return [failed("permissions", name, detail, remedy)];
}

function tooMuch(
  name: string,
  subject: string,
  place: LayerPlace,
  needed: readonly Right[],
  verdicts: Verdicts,
): Finding[] {
  const beyond = RIGHTS.filter((right) => verdicts[right] === "granted" && !needed.includes(right));
  if (beyond.length === 0) return [];
  const personal = place.layer === "bronze" || place.layer === "quarantine";
  const why = personal && beyond.includes("read") ? " There is personal data there." : "";
  const detail = `The ${subject} may ${listed(beyond)} in ${place.layer}, which it does not need.${why}`;
  const remedy = `Take ${statement(beyond, place)} from its user's policies; what it needs is in policies/${subject}.json, made by: ingot credentials <folder>`;
  return [warning("permissions", name, detail, remedy)];
}

function statement(rights: readonly (Right | "abort")[], { bucket, prefix }: LayerPlace): string {
  const onBucket = rights.filter((right) => right === "list").map((right) => ACTIONS[right]);
  const onObjects = rights.filter((right) => right !== "list").map((right) => ACTIONS[right]);
  const parts = [
    ...(onBucket.length > 0 ? [`${listed(onBucket)} on ${bucket}`] : []),
    ...(onObjects.length > 0 ? [`${listed(onObjects)} on ${bucket}/${prefix}*`] : []),
  ];
  return parts.join(", ");
}

/** Whether people without credentials get into a layer. */
export async function checkPrivacy(probe: StoreProbe, places: readonly LayerPlace[]): Promise<Finding[]> {
  const there = places.filter(({ isThere }) => isThere);
  const open = await Promise.all(there.map((place) => probe.openToAll(place)));
  return there
    .map((place, index) => ({ ...place, rights: open[index] ?? [] }))
    .filter(({ rights }) => rights.length > 0)
    .map(({ layer, bucket, rights }) => {
      const detail = `Everybody may ${listed(rights)} in the bucket ${bucket}, without credentials.`;
      const remedy = `Close it: mc anonymous set none <alias>/${bucket}, or remove its bucket policy.`;
      return layer === "gold"
        ? warning("permissions", layer, detail, `${remedy} Fine where the KPIs are public.`)
        : failed("permissions", layer, detail, remedy);
    });
}
