import type { Behaviour, Conduct, Layer, StoreProbe, Verdicts } from "@ingot/common";
import type { LayerPlace } from "./buckets.ts";
import { type Check, type Finding, failed, fine, notChecked } from "./finding.ts";

/** Where a trial object disturbs least: nobody waits for new objects in quarantine. */
const PREFERRED: readonly Layer[] = ["quarantine", "gold", "silver", "bronze"];

const RACES =
  "two cleaners that run at once may write over each other's files, and imports over raw files. Use a store that honours If-None-Match: MinIO, VersityGW, Ceph 20, Amazon S3. Until then run one cleaner.";

interface Trial {
  of: keyof Omit<Behaviour, "leftBehind">;
  check: Check;
  subject: string;
  consequence: string;
}

const TRIALS: readonly Trial[] = [
  { of: "conditionalPut", check: "conditional_create", subject: "in one piece", consequence: RACES },
  { of: "conditionalComplete", check: "conditional_create", subject: "in parts", consequence: RACES },
  {
    of: "listing",
    check: "consistency",
    subject: "listing",
    consequence:
      "new files are found late. Nothing gets lost, but turn off caches and replication delays between Ingot and the store.",
  },
  {
    of: "metadata",
    check: "consistency",
    subject: "metadata",
    consequence:
      "counts of records in ingot status will be wrong. Let proxies in between pass x-amz-meta-* headers unchanged.",
  },
  {
    of: "range",
    check: "consistency",
    subject: "ranges",
    consequence:
      "a download that breaks off cannot go on. Let proxies in between pass Range and Content-Range headers unchanged.",
  },
];

/** Tries with an object of the doctor's own whether the store behaves as Ingot needs it to. */
export async function checkBehaviour(
  probe: StoreProbe,
  places: readonly LayerPlace[],
  rights: ReadonlyMap<Layer, Verdicts>,
): Promise<Finding[]> {
  const mayTry = (layer: Layer): boolean =>
    rights.get(layer)?.add === "granted" && rights.get(layer)?.delete === "granted";
  const candidates = PREFERRED.filter(mayTry).map((layer) => places.find((place) => place.layer === layer)!);
  const place = candidates.find(({ isUnversioned }) => isUnversioned);
  if (rights.size === 0) {
    const why = `there is no bucket ${places[0]?.bucket}`;
    return [notChecked("conditional_create", "", why), notChecked("consistency", "", why)];
  }
  if (!place) {
    const why =
      candidates.length === 0
        ? "these credentials may nowhere both add and delete: a trial object would stay"
        : "no bucket where these credentials may add and delete is known to keep no older versions: a trial object might stay. An administrator's credentials can tell";
    return [notChecked("conditional_create", "", why), notChecked("consistency", "", why)];
  }
  const verdicts = rights.get(place.layer)!;
  const behaviour = await probe.behaviour(place, verdicts);
  const findings = TRIALS.flatMap((trial) => judge(trial, behaviour[trial.of]));
  const good = findings.filter(({ check, status }) => check === "consistency" && status === "ok");
  const shown = findings.filter((finding) => !good.includes(finding));
  if (good.length > 0) shown.push(fine("consistency", "", good.map(({ detail }) => detail).join("; ")));
  return [...shown, ...behaviour.leftBehind.map((key) => leftBehind(place.bucket, key))];
}

function judge({ check, subject, consequence }: Trial, conduct: Conduct): Finding[] {
  if (!conduct) return [];
  if (conduct.ok) return [fine(check, subject, conduct.detail)];
  return [failed(check, subject, `Not as S3 does it: ${conduct.detail}.`, `It means: ${consequence}`)];
}

function leftBehind(bucket: string, key: string): Finding {
  const detail = `The doctor's trial object ${key} in ${bucket} could not be deleted.`;
  return failed("consistency", "deleting", detail, `Delete it: mc rm <alias>/${bucket}/${key}`);
}
