import { existsSync, writeFileSync } from "node:fs";
import type { Random } from "../../services/generator/src/random.ts";

const LIBRARIES = ["x86_64-linux-gnu", "aarch64-linux-gnu", ""].map(
  (machine) => `/usr/lib/${machine}/faketime/libfaketimeMT.so.1`,
);

/** Debian's libfaketime; `undefined` where it is not installed. */
export const FAKETIME: string | undefined = LIBRARIES.find(existsSync);

/** A clock that differs from the machine's by hours, and may jump while the process runs. */
export interface FakeClock {
  /** For the process that shall have this clock. */
  env: Record<string, string>;
  /** Jumps to the machine's time and so many hours. */
  set(hours: number): void;
}

/** @param file holds how far the clock is off; read again each second */
export function createFakeClock(library: string, file: string, hours = 0): FakeClock {
  const set = (by: number): void => writeFileSync(file, `${by < 0 ? "-" : "+"}${Math.abs(by)}h\n`);
  set(hours);
  return {
    set,
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: "1",
      // A clock that is set wrong leaves the time since the start, and the files' times, as they are.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    },
  };
}

const MOST_HOURS = 80;

/** Up to three days back, where a generator delivers late files of days that are over, or some hours forth. */
export function randomJump(random: Random): number {
  const hours = 1 + random.int(MOST_HOURS);
  return random.chance(0.7) ? -hours : 1 + Math.floor(hours / 4);
}
