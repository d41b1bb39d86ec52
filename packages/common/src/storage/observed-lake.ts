import { IngotError } from "../errors.ts";
import type { Heartbeat } from "../health.ts";
import { type Metrics, NO_METRICS, secondsSince } from "../metrics/metrics.ts";
import { LAYERS, type Layer } from "../object-names.ts";
import type { Lake } from "./lake.ts";
import { counted, type ObjectInfo, type ObjectStore } from "./object-store.ts";

/**
 * The same lake; what is read and written there shows as progress, so that one long piece of work does too, and as
 * figures of the storage.
 */
export function observedLake(lake: Lake, heartbeat: Heartbeat, metrics: Metrics = NO_METRICS): Lake {
  const layers = LAYERS.map((layer) => [layer, observedLayer(layer, lake[layer], heartbeat, metrics)]);
  return { ...lake, ...(Object.fromEntries(layers) as Record<Layer, ObjectStore>) };
}

function observedLayer(
  layer: Layer,
  store: ObjectStore,
  { done, moved }: Heartbeat,
  metrics: Metrics,
): ObjectStore {
  const failed = (operation: string, error: unknown): void => {
    const code = error instanceof IngotError ? error.code : "other";
    // That there is no such object is an answer.
    if (code !== "object_missing") metrics.add("ingot_storage_errors_total", { layer, operation, code });
  };
  const told = async <T>(operation: string, request: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    try {
      return await request();
    } catch (error) {
      failed(operation, error);
      throw error;
    } finally {
      metrics.observe("ingot_storage_request_duration_seconds", { layer, operation }, secondsSince(start));
    }
  };
  const onBytes = (direction: "read" | "written") => (bytes: number) => {
    if (direction === "read") moved();
    metrics.add("ingot_storage_bytes_total", { layer, direction }, bytes);
  };

  async function* listed(objects: AsyncIterable<ObjectInfo>): AsyncGenerator<ObjectInfo> {
    let waited = 0;
    let since = performance.now();
    try {
      for await (const object of objects) {
        waited += secondsSince(since);
        yield object;
        since = performance.now();
      }
      waited += secondsSince(since);
    } catch (error) {
      failed("list", error);
      throw error;
    } finally {
      metrics.observe("ingot_storage_request_duration_seconds", { layer, operation: "list" }, waited);
    }
  }

  return {
    url: store.url,
    settleMs: store.settleMs,
    list: (options) => (metrics === NO_METRICS ? store.list(options) : listed(store.list(options))),
    stat: (key) => told("stat", () => store.stat(key)),
    read: async (key) => {
      const object = await told("read", () => store.read(key));
      return { ...object, body: counted(object.body, onBytes("read")) };
    },
    write: async (key, body, options) => {
      const bytes = body instanceof Uint8Array ? body : counted(body, onBytes("written"));
      const result = await told("write", () => store.write(key, bytes, options));
      if (body instanceof Uint8Array) onBytes("written")(body.length);
      done();
      return result;
    },
    delete: (key) => told("delete", () => store.delete(key)),
  };
}
