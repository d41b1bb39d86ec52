import type { Layer } from "./object-names.ts";
import type { Settings } from "./options.ts";
import { createWaker, GATHER_MS, type PassReport, type PollingOptions, poll } from "./polling.ts";
import type { Lake } from "./storage/lake.ts";

/** The layer that a polling service works on. */
export interface WatchedLayer {
  lake: Pick<Lake, "watch">;
  layer: Layer;
  notifications: Settings["notifications"];
  /** Told of each object that the storage tells of. */
  onHint?: (key: string) => void;
}

/**
 * The polling loop of a service that works on a layer, woken as soon as the storage tells of a new object there. With
 * `once`, with NOTIFICATIONS=off and on storage that cannot tell, it is the polling loop alone: hints change when an
 * object is found, never what becomes of it.
 *
 * @throws as `poll` does
 */
export async function pollWatching<Report extends PassReport>(
  { lake, layer, notifications, onHint }: WatchedLayer,
  options: PollingOptions<Report>,
): Promise<void> {
  if (options.once || notifications === "off") return await poll(options);
  const waker = options.waker ?? createWaker(GATHER_MS);
  const watch = await lake.watch(layer, {
    onChange: (key) => {
      if (key !== undefined) onHint?.(key);
      waker.wake();
    },
    onUnable: (reason) =>
      options.logger.info(`No notifications: ${reason}. New objects in ${layer} are found at the next poll.`),
  });
  try {
    await poll({ ...options, waker });
  } finally {
    await watch.close();
  }
}
