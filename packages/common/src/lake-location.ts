import { IngotError } from "./errors.ts";
import { LAYERS, type Layer } from "./object-names.ts";
import type { Settings } from "./options.ts";

/** How to reach the store of an `s3://` lake. */
export interface S3Access {
  endpoint?: string;
  region: string;
  accessKeyId?: string;
  secretAccessKey?: string;
  forcePathStyle: boolean;
}

/** Where the four layers lie, as plain data. */
export interface LakeLocation {
  url: URL;
  /** The bucket or folder of each layer. */
  buckets: Record<Layer, string>;
  s3?: S3Access;
}

/** The lake that the options describe. @throws IngotError `invalid_option` where two layers have one name */
export function lakeLocation(settings: Settings): LakeLocation {
  const given = {
    bronze: settings.bronzeBucket,
    silver: settings.silverBucket,
    quarantine: settings.quarantineBucket,
    gold: settings.goldBucket,
  };
  const named = LAYERS.map((layer) => [layer, given[layer] ?? `${settings.bucketPrefix ?? ""}${layer}`]);
  const buckets = Object.fromEntries(named) as Record<Layer, string>;
  const shared = LAYERS.find((layer, index) =>
    LAYERS.some((other, at) => at < index && buckets[other] === buckets[layer]),
  );
  if (shared) {
    const variable = `${shared.toUpperCase()}_BUCKET`;
    throw new IngotError(
      "invalid_option",
      `${variable} is "${buckets[shared]}", which is another layer's name too. Allowed: a name of its own for each layer.`,
      { context: { variable } },
    );
  }
  if (settings.lakeUrl.protocol !== "s3:") return { url: settings.lakeUrl, buckets };
  const { s3Endpoint, s3AccessKeyId, s3SecretAccessKey } = settings;
  return {
    url: settings.lakeUrl,
    buckets,
    s3: {
      region: settings.s3Region,
      forcePathStyle: settings.s3PathStyle ?? s3Endpoint !== undefined,
      ...(s3Endpoint === undefined ? {} : { endpoint: s3Endpoint }),
      ...(s3AccessKeyId === undefined ? {} : { accessKeyId: s3AccessKeyId }),
      ...(s3SecretAccessKey === undefined ? {} : { secretAccessKey: s3SecretAccessKey }),
    },
  };
}

/**
 * Where a layer lies on an `s3://` lake: a bucket of its own, or a folder of the one bucket that the address names.
 * The prefix is empty or ends with a slash.
 */
export function placeOf(
  layer: Layer,
  url: URL,
  buckets: Readonly<Record<Layer, string>>,
): { bucket: string; prefix: string } {
  if (url.host === "") return { bucket: buckets[layer], prefix: "" };
  const folder = decodeURIComponent(url.pathname).split("/").filter(Boolean).join("/");
  return { bucket: url.host, prefix: `${folder === "" ? "" : `${folder}/`}${buckets[layer]}/` };
}
