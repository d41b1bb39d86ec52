import type { Clock, Lake, Logger, ObjectStat, StoredObject } from "@ingot/common";
import type { ObjectListing, ObjectPreview, PipelineStatus } from "../api/contract.ts";
import { listFolder } from "./list-folder.ts";
import { type OpenLayer, openLayer } from "./open-layers.ts";
import { contentOf, statOf } from "./open-object.ts";
import { PipelineWatch } from "./pipeline-watch.ts";
import { previewObject } from "./preview.ts";

/** The state of the pipeline, and a look at the lake's objects. Nothing is written. */
export interface PipelineView {
  /** What is known by now; what is not is `null`. Never fails: where storage does not answer, what was known stays. */
  status(): Promise<PipelineStatus>;
  /**
   * The folders and objects of a folder, up to 500 of them.
   *
   * @param prefix the folder with its slash; empty for the layer
   * @param after what the last part of the same listing gave as `next`
   * @throws IngotError `invalid_parameter`; of the storage
   */
  objects(layer: OpenLayer, prefix: string, after?: string): Promise<ObjectListing>;
  /** @throws IngotError `invalid_parameter`, `object_missing`, `query_timeout`; of the storage */
  preview(layer: OpenLayer, key: string): Promise<ObjectPreview>;
  /** @throws IngotError `invalid_parameter`, `object_missing`; of the storage */
  stat(layer: "gold", key: string): Promise<ObjectStat>;
  /** An object as it is; its body is to be read or left. @throws as `stat` */
  content(layer: "gold", key: string): Promise<StoredObject>;
  close(): Promise<void>;
}

export interface PipelineViewOptions {
  lake: Lake;
  /** The warehouse's SQLite file; it need not be there (yet). */
  warehouseFile: string;
  clock: Clock;
  logger: Logger;
}

export function createPipelineView(options: PipelineViewOptions): PipelineView {
  const { lake } = options;
  const watch = new PipelineWatch(options);
  return {
    status: () => watch.status(),
    objects: (layer, prefix, after) => listFolder(lake, layer, prefix, after),
    preview: (layer, key) => previewObject(lake, layer, key),
    stat: (layer, key) => statOf(openLayer(lake, layer), key),
    content: (layer, key) => contentOf(openLayer(lake, layer), key),
    close: () => watch.close(),
  };
}
