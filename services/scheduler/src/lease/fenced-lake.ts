import type { Lake, ObjectStore } from "@ingot/common";
import type { Lease } from "./lease.ts";

/**
 * The same lake for a run: it writes and deletes only for as long as the lease is held, so that a process that stood still
 * does not write into another one's run.
 */
export function fencedLake(lake: Lake, lease: Lease): Lake {
  const fenced = (store: ObjectStore): ObjectStore => ({
    url: store.url,
    settleMs: store.settleMs,
    list: (options) => store.list(options),
    stat: (key) => store.stat(key),
    read: (key) => store.read(key),
    write: async (...given) => {
      await lease.ensure();
      return await store.write(...given);
    },
    delete: async (key) => {
      await lease.ensure();
      await store.delete(key);
    },
  });
  const { silver, quarantine, gold } = lake;
  return { ...lake, silver: fenced(silver), quarantine: fenced(quarantine), gold: fenced(gold) };
}
