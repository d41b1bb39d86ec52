/** Who wants to hear of new objects. */
export interface WatchOptions {
  /**
   * Called whenever an object may have been created or changed in the layer. A hint, nothing more: it may come twice,
   * late, for no reason, or never.
   *
   * @param key of the object; absent where only something, somewhere, may have changed
   */
  onChange(key?: string): void;
  /** Told, at most once, why hints will not come, in a sentence for people. Polling has to do then. */
  onUnable(reason: string): void;
}

/**
 * A layer that is being watched. Whatever happens to it, it never throws, and never keeps a process alive by itself.
 */
export interface Watch {
  /** Ends it at once: no hint comes any more, and nothing is left open. */
  close(): Promise<void>;
}

/** A watch of which nothing is to be expected; it says why. */
export function noWatch({ onUnable }: WatchOptions, reason: string): Watch {
  onUnable(reason);
  return { close: async () => undefined };
}
