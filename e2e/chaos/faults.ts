import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Random } from "../../services/generator/src/random.ts";
import { createFakeClock, FAKETIME, randomJump } from "./clock-jumps.ts";
import type { Place, Store } from "./place.ts";
import type { Service } from "./service.ts";

/** Something that goes wrong for a while. */
export interface Fault {
  name: string;
  /** Milliseconds that it lasts. */
  least: number;
  most: number;
  /** @returns what ends it */
  begin(random: Random): Promise<() => Promise<void> | void>;
}

export interface Faults {
  /** What can happen here, in groups: one of each group at a time. */
  groups: readonly (readonly Fault[])[];
  /** What cannot, and why. */
  leftOut: Readonly<Record<string, string>>;
  /** Requests that a broken network struck so far. */
  struck(): number;
}

const NETWORK_FAULTS = ["reset", "refuse", "lose", "cut"] as const;
/** A piece of an answer, so that some arrive in part. */
const CUT_AFTER = 700;
const STRUCK = 0.1;
/** By then a service is at work. */
const STARTED_MS = 1000;
const LEAST_DELAY_MS = 50;
const MOST_DELAY_MS = 500;

/** @param folder for files that faults need */
export function faultsOf({ disk, store }: Place, services: readonly Service[], folder: string): Faults {
  const leftOut: Record<string, string> = {};
  const network = store && brokenNetwork(store);
  const storage: Fault[] = network ? [outage(store!), slowness(store!), network.fault] : [];
  if (typeof disk === "string") leftOut["full disk"] = disk;
  else
    storage.push({
      name: "full disk",
      least: 500,
      most: 4000,
      begin: () => disk.fill().then(() => disk.free),
    });
  const processes = [freeze(services)];
  if (FAKETIME === undefined)
    leftOut["clock jumps"] = "libfaketime is not installed (apt-get install libfaketime)";
  else processes.push(clockJump(services, FAKETIME, folder));
  const groups = [storage, processes].filter((group) => group.length > 0);
  return { groups, leftOut, struck: () => network?.struck() ?? 0 };
}

function outage(store: Store): Fault {
  return {
    name: "storage stopped",
    least: 200,
    most: 5000,
    begin: async () => {
      await store.kill();
      return store.start;
    },
  };
}

function slowness({ proxy }: Store): Fault {
  return {
    name: "storage slow",
    least: 1000,
    most: 6000,
    begin: async (random) => {
      proxy.delayMs = LEAST_DELAY_MS + random.int(MOST_DELAY_MS - LEAST_DELAY_MS);
      return () => {
        proxy.delayMs = 0;
      };
    },
  };
}

function brokenNetwork({ proxy }: Store): { fault: Fault; struck(): number } {
  let struck = 0;
  const begin: Fault["begin"] = async (random) => {
    // Draws of its own: how many there are depends on the services.
    const requests = new Random(String(random.next()));
    proxy.strike = () => {
      if (!requests.chance(STRUCK)) return undefined;
      struck += 1;
      return { kind: requests.pick(NETWORK_FAULTS), after: requests.int(CUT_AFTER) };
    };
    return () => {
      proxy.strike = () => undefined;
    };
  };
  return { fault: { name: "1 request in 10 fails", least: 1000, most: 6000, begin }, struck: () => struck };
}

function freeze(services: readonly Service[]): Fault {
  const begin: Fault["begin"] = async (random) => random.pick(services).freeze();
  return { name: "service frozen", least: 500, most: 6000, begin };
}

/** The service starts with the wrong time, or its clock jumps while it runs; in the end it jumps back. */
function clockJump(services: readonly Service[], library: string, folder: string): Fault {
  const generators = services.filter(({ name }) => name.startsWith("generator"));
  return {
    name: "clock jumps",
    least: 1500,
    most: 7000,
    begin: async (random) => {
      // Generators most of all: they deliver to other days then, which compactors have worked on.
      const service = random.pick(random.chance(0.4) ? generators : services);
      const clock = createFakeClock(library, path.join(folder, `${service.name}.clock`));
      const hours = randomJump(random);
      service.clock = clock;
      // A clock that is wrong from the start; or one that jumps while the service works.
      if (random.chance(0.5)) clock.set(hours);
      service.kill();
      await delay(STARTED_MS);
      clock.set(hours);
      return () => {
        clock.set(0);
        service.clock = undefined;
      };
    },
  };
}
