import type { Lake, ObjectStat, ObjectStore } from "@ingot/common";
import type { ObjectPreview } from "../api/contract.ts";
import { type OpenLayer, openLayer } from "./open-layers.ts";
import { statOf } from "./open-object.ts";
import { previewCsv } from "./preview-csv.ts";
import { canPreviewParquet, previewParquet } from "./preview-parquet.ts";
import { previewText } from "./preview-text.ts";

export type PreviewedContent = Pick<ObjectPreview, "columns" | "rows" | "text" | "is_cut">;

const KINDS = { csv: /\.csv(\.gz)?$/, json: /\.json(\.gz)?$/, parquet: /\.parquet$/ } as const;
type Kind = keyof typeof KINDS;

/** `undefined` for an object whose content is not shown. */
function kindOf(key: string, size: number): Kind | undefined {
  const kind = (Object.keys(KINDS) as Kind[]).find((name) => KINDS[name].test(key));
  return kind === "parquet" && !canPreviewParquet(size) ? undefined : kind;
}

/** @param size in bytes */
export const canPreview = (key: string, size: number): boolean => kindOf(key, size) !== undefined;

/**
 * The first rows of a CSV or Parquet file, or the beginning of a JSON file; of others, what is known beside the content. No
 * more is read than is shown, but of Parquet files that have to be fetched.
 *
 * @throws IngotError `invalid_parameter`, `object_missing`, `query_timeout`; of the storage
 */
export async function previewObject(
  lake: Pick<Lake, OpenLayer>,
  layer: OpenLayer,
  key: string,
): Promise<ObjectPreview> {
  const store = openLayer(lake, layer);
  const info = await statOf(store, key);
  const { size, modified, metadata } = info;
  return { layer, key, size, modified: modified.toISOString(), metadata, ...(await contentOf(store, info)) };
}

async function contentOf(store: ObjectStore, info: ObjectStat): Promise<PreviewedContent> {
  const { key, size } = info;
  const kind = kindOf(key, size);
  if (kind === undefined) return { is_cut: size > 0 };
  if (kind === "parquet") return await previewParquet(store, info);
  const rows = kind === "csv" ? await previewCsv((await store.read(key)).body) : undefined;
  // Not every file with that ending is one that Ingot wrote.
  return rows ?? (await previewText((await store.read(key)).body));
}
