import { fileURLToPath } from "node:url";
import { type LakeLocation, placeOf } from "../lake-location.ts";
import type { Layer } from "../object-names.ts";

/** How OpenLineage names a dataset, so that events of other tools about the same data meet ours. */
export interface DatasetName {
  namespace: string;
  name: string;
}

/**
 * The name of a dataset or KPI in a layer, by OpenLineage's naming: the storage is the namespace (`file`, `s3://bucket`),
 * the path is the name.
 */
export function lineageName({ url, buckets }: LakeLocation, layer: Layer, dataset: string): DatasetName {
  if (url.protocol === "file:") {
    const folder = fileURLToPath(url).replace(/\/+$/, "");
    return { namespace: "file", name: `${folder}/${buckets[layer]}/${dataset}` };
  }
  const { bucket, prefix } = placeOf(layer, url, buckets);
  return { namespace: `s3://${bucket}`, name: `${prefix}${dataset}` };
}
