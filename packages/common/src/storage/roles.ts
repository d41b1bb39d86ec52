import { type LakeLocation, placeOf } from "../lake-location.ts";
import { COMPACTED_FOLDER, LAYERS, type Layer } from "../object-names.ts";

/** Who uses the store. Each has credentials of its own, which can do no more than its work needs. */
export const ROLES = ["generator", "cleaner", "aggregator", "scheduler", "dashboard", "operator"] as const;
export type Role = (typeof ROLES)[number];

/**
 * What a role may do in a layer:
 *
 * - `add`: write objects, in one piece or in parts
 * - `list`: see keys, sizes and dates, and hear of new ones
 * - `read`: content and metadata
 * - `delete`
 */
export type Right = "add" | "list" | "read" | "delete";

/**
 * The rights of each role (contract: personal data is in bronze and quarantine only, so only those who have to may
 * read there).
 *
 * - The generator, and whoever delivers files, adds to bronze and cannot even see what lies there. An object that it
 *   writes over stays as an older version, which nobody here may delete.
 * - The cleaner deletes in quarantine what a repaired object no longer rejects.
 * - The aggregator deletes in gold what history no longer keeps.
 * - The scheduler runs whole pipelines: from their raw files to gold. What it takes back in silver and quarantine is its own,
 *   of files that were replaced.
 * - The dashboard shows silver and gold, and counts the other layers' objects. It adds and deletes nothing.
 * - The operator is a person at the command line: status, rebuild, import.
 */
export const ROLE_RIGHTS: Readonly<Record<Role, Readonly<Partial<Record<Layer, readonly Right[]>>>>> = {
  generator: { bronze: ["add"] },
  cleaner: {
    bronze: ["list", "read"],
    silver: ["list", "read", "add"],
    quarantine: ["add", "delete"],
  },
  aggregator: { silver: ["list", "read"], gold: ["list", "read", "add", "delete"] },
  scheduler: {
    bronze: ["list", "read"],
    silver: ["list", "read", "add", "delete"],
    quarantine: ["add", "delete"],
    gold: ["list", "read", "add", "delete"],
  },
  dashboard: {
    bronze: ["list"],
    silver: ["list", "read"],
    quarantine: ["list"],
    gold: ["list", "read"],
  },
  operator: {
    bronze: ["list", "read", "add", "delete"],
    silver: ["list", "read", "add", "delete"],
    quarantine: ["list", "read", "add", "delete"],
    gold: ["list", "read", "add", "delete"],
  },
};

/** The aggregator writes the Parquet files of silver's finished days, but must not be able to touch the cleaner's objects. */
const COMPACTOR: Role = "aggregator";

const OBJECT_ACTIONS: Readonly<Record<Exclude<Right, "list">, readonly string[]>> = {
  add: ["s3:PutObject", "s3:AbortMultipartUpload"],
  read: ["s3:GetObject"],
  delete: ["s3:DeleteObject"],
};
/** A service has to see a bucket's lifecycle rules to know whether retention is the store's work or its own. */
const BUCKET_ACTIONS = ["s3:GetBucketLocation", "s3:GetLifecycleConfiguration"];
/** MinIO's own; other stores refuse a policy with an action that they do not know. */
const LISTEN_ACTION = "s3:ListenBucketNotification";

/** An access policy in the form that Amazon's IAM, MinIO, Ceph and others take. */
export interface Policy {
  Version: "2012-10-17";
  Statement: {
    Sid: string;
    Effect: "Allow" | "Deny";
    Action: string[];
    Resource: string[];
    Condition?: { StringLike: { "s3:prefix": string[] } };
  }[];
}

/**
 * The policy that gives a role its rights.
 *
 * @param dialect `minio` adds the right to listen for new objects, which other stores do not know
 */
export function policyOf(
  role: Role,
  { url, buckets }: Pick<LakeLocation, "url" | "buckets">,
  dialect: "minio" | "aws",
): Policy {
  const statements = LAYERS.flatMap((layer) => {
    const rights = ROLE_RIGHTS[role][layer] ?? [];
    if (rights.length === 0) return [];
    const { bucket, prefix } = placeOf(layer, url, buckets);
    const name = `${layer[0]!.toUpperCase()}${layer.slice(1)}`;
    const objectActions = rights.flatMap((right) => (right === "list" ? [] : OBJECT_ACTIONS[right]));
    const objects = statement(`${name}Objects`, objectActions, `${bucket}/${prefix}*`);
    const list = statement(`${name}List`, ["s3:ListBucket"], bucket);
    // In a bucket that is shared with others, their keys are nobody's business here.
    if (prefix !== "") list.Condition = { StringLike: { "s3:prefix": [`${prefix}*`] } };
    const canList = rights.includes("list");
    const canDelete = rights.includes("delete");
    const isListening = canList && dialect === "minio";
    const bucketActions = [...BUCKET_ACTIONS, ...(isListening ? [LISTEN_ACTION] : [])];
    // MinIO takes the right to delete an object for the right to delete its older versions.
    const versions = statement(`${name}Versions`, ["s3:DeleteObjectVersion"], `${bucket}/${prefix}*`, "Deny");
    const compacts = role === COMPACTOR && layer === "silver";
    const compacted = statement(
      `${name}Compacted`,
      [...OBJECT_ACTIONS.add],
      `${bucket}/${prefix}${COMPACTED_FOLDER}*`,
    );
    return [
      ...(objectActions.length > 0 ? [objects] : []),
      ...(canList ? [list] : []),
      ...(canList || canDelete ? [statement(`${name}Bucket`, bucketActions, bucket)] : []),
      ...(canDelete ? [versions] : []),
      ...(compacts ? [compacted] : []),
    ];
  });
  return { Version: "2012-10-17", Statement: statements };
}

function statement(
  Sid: string,
  Action: string[],
  resource: string,
  Effect: "Allow" | "Deny" = "Allow",
): Policy["Statement"][number] {
  return { Sid, Effect, Action, Resource: [`arn:aws:s3:::${resource}`] };
}
