import {
  type Clock,
  createWaker,
  type Heartbeat,
  type Lake,
  type Logger,
  messageOf,
  type ObjectStore,
  productVersion,
  type Settings,
} from "@ingot/common";
import { MANIFEST } from "@ingot/pipelines";
import type { LiveEvents } from "../api/contract.ts";
import { STORES_MANIFEST } from "../stores/metrics.ts";

/** One event for the pages that are open. */
export type LiveEvent = {
  [Name in keyof LiveEvents]: { name: Name; data: LiveEvents[Name] };
}[keyof LiveEvents];

/** Tells open pages that gold or the pipeline has changed. */
export interface Live {
  /** The listener is called with every event from now on. Answers what ends that. */
  subscribe(listener: (event: LiveEvent) => void): () => void;
  /** What a page is told at the beginning. */
  hello(): LiveEvents["hello"];
  /** Looks at gold, unless that was done a moment ago. Never fails: storage that does not answer changes nothing. */
  look(): Promise<void>;
  close(): Promise<void>;
}

/** What pages show of the pipeline. */
export interface PipelineDigest {
  /** Another text whenever a page would look different. */
  text: string;
  /** While a failed check keeps figures out of gold, nothing shows them either. */
  isBlocked: boolean;
}

export interface LiveOptions {
  lake: Pick<Lake, "watch"> & { gold: Pick<ObjectStore, "stat"> };
  settings: Pick<Settings, "notifications" | "pollInterval">;
  clock: Clock;
  logger: Logger;
  heartbeat: Heartbeat;
  /** Called when figures may have changed, before pages hear of it. */
  onChange: () => void;
  /** Asked for while somebody listens. */
  digest: () => Promise<PipelineDigest>;
}

/** Where the storage tells of nothing, a page still hears of new gold within a second. */
const LOOK_MS = 500;
/** The pipeline's figures change with every tick; a picture of them need not. */
const DIGEST_MS = 2_000;

export async function createLive(options: LiveOptions): Promise<Live> {
  const { lake, settings, clock, logger, heartbeat, onChange, digest } = options;
  const version = productVersion();
  const listeners = new Set<(event: LiveEvent) => void>();
  const closing = new AbortController();
  const waker = createWaker();
  let gold = "";
  let stores = "";
  let failure = "";
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  let digested = "";
  let digestedAtMs = Number.NEGATIVE_INFINITY;

  const tell = (event: LiveEvent): void => {
    for (const listener of listeners) listener(event);
  };

  const lookNow = async (): Promise<void> => {
    lookedAtMs = performance.now();
    try {
      const [manifest, storesManifest] = await Promise.all([
        lake.gold.stat(MANIFEST),
        lake.gold.stat(STORES_MANIFEST),
      ]);
      heartbeat.done();
      failure = "";
      if ((storesManifest?.etag ?? "") !== stores) {
        stores = storesManifest?.etag ?? "";
        const changedAt = storesManifest?.modified ?? clock.now();
        tell({ name: "stores", data: { stores, updated_at: changedAt.toISOString() } });
      }
      const etag = manifest?.etag ?? "";
      if (etag === gold) return;
      gold = etag;
      onChange();
      const changedAt = manifest?.modified ?? clock.now();
      tell({ name: "gold", data: { gold, updated_at: changedAt.toISOString() } });
    } catch (error) {
      heartbeat.failed(error);
      // Said once for as long as it stays the same: it is looked at twice a second.
      const message = messageOf(error);
      if (message !== failure) logger.warn({ error }, "gold cannot be looked at");
      failure = message;
    }
  };
  /** Whoever comes while somebody looks gets what is found then. */
  const lookOnce = (): Promise<void> => {
    looking ??= lookNow().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  const tellStatus = async (): Promise<void> => {
    if (performance.now() - digestedAtMs < DIGEST_MS) return;
    digestedAtMs = performance.now();
    try {
      const { text, isBlocked } = await digest();
      if (text === digested) return;
      digested = text;
      // Visits change without a KPI.
      if (!isBlocked) onChange();
      tell({ name: "status", data: { at: clock.now().toISOString() } });
    } catch (error) {
      logger.debug({ error }, "the pipeline cannot be looked at");
    }
  };

  const watch =
    settings.notifications === "off"
      ? undefined
      : await lake.watch("gold", {
          onChange: (key) => {
            if (key === undefined || key === MANIFEST || key === STORES_MANIFEST) waker.wake();
          },
          onUnable: (reason) => logger.debug(`No notifications of gold: ${reason}. It is looked at instead.`),
        });

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await lookOnce();
      if (listeners.size > 0) await tellStatus();
      await waker.sleep(listeners.size > 0 ? LOOK_MS : settings.pollInterval, clock, closing.signal);
    }
  };
  const running = run();

  return {
    subscribe: (listener) => {
      listeners.add(listener);
      waker.wake();
      return () => listeners.delete(listener);
    },
    hello: () => ({ version, gold, stores }),
    look: async () => {
      if (performance.now() - lookedAtMs >= LOOK_MS) await lookOnce();
    },
    close: async () => {
      closing.abort();
      listeners.clear();
      await watch?.close();
      await running;
    },
  };
}
