import { readFileSync, readlinkSync } from "node:fs";

/** A process, as others can tell whether it still runs. */
export interface ProcessIdentity {
  pid: number;
  /** The same for all processes that see each other by their numbers; absent where that is not known. */
  machine?: string;
}

let machine: string | undefined;
let isKnown = false;

/** Since when the machine runs, and which numbers of processes are seen in here: a container has its own. */
function thisMachine(): string | undefined {
  if (!isKnown) {
    isKnown = true;
    try {
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      machine = `${boot}/${readlinkSync("/proc/self/ns/pid")}`;
    } catch {
      // Other systems have no such thing: there it takes time to see that somebody has gone.
    }
  }
  return machine;
}

export function ownIdentity(): ProcessIdentity {
  const known = thisMachine();
  return { pid: process.pid, ...(known === undefined ? {} : { machine: known }) };
}

/** True where another process has certainly ended; false where it runs or nobody can tell. */
export function hasEnded({ pid, machine: where }: ProcessIdentity): boolean {
  if (where === undefined || where !== thisMachine()) return false;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
