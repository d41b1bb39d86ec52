import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { FakeClock } from "./clock-jumps.ts";
import { type Surroundings, startIngot } from "./ingot.ts";

/** A service that stops by itself is started again after so long, as whoever supervises it would. */
const AGAIN_MS = 250;
const STOP_MS = 20_000;

/** A service that runs until it is stopped: whatever ends it, it is started again. */
export class Service {
  readonly name: string;
  /** Its next start has this clock instead of the machine's. */
  clock: FakeClock | undefined;
  kills = 0;
  /** How it ended by itself, with a reason. */
  readonly ends: string[] = [];
  /** How it ended without one: by a signal that nobody sent, or with an error that is none of the product's. */
  readonly crashes: string[] = [];
  readonly #args: string;
  readonly #surroundings: Surroundings;
  readonly #log: string;
  /** Bytes of the log when its process was started. */
  #logged = 0;
  #child: ChildProcess;
  #isStopping = false;
  readonly #stopped: Promise<void>;

  /** @param logs folder of the file that gets what its processes write */
  constructor(name: string, args: string, surroundings: Surroundings, logs: string) {
    this.name = name;
    this.#args = args;
    this.#surroundings = surroundings;
    this.#log = path.join(logs, `${name}.log`);
    this.#child = this.#start();
    this.#stopped = this.#keepRunning();
  }

  /** Everything that its processes wrote. */
  get log(): string {
    return readFileSync(this.#log, "utf8");
  }

  /** True where its process has told of work that it has done. */
  get isAtWork(): boolean {
    return readFileSync(this.#log).subarray(this.#logged).includes('"level":"info"');
  }

  /** Ends it at once, and starts it again. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Holds it where it is. @returns lets it go on, if it was not killed meanwhile */
  freeze(): () => void {
    const child = this.#child;
    child.kill("SIGSTOP");
    return () => void child.kill("SIGCONT");
  }

  /** Asks it to stop. @throws where it does not within `STOP_MS`; it is killed then */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#child.kill("SIGTERM");
    const isStopped = await Promise.race([
      this.#stopped.then(() => true),
      delay(STOP_MS, false, { ref: false }),
    ]);
    if (!isStopped) {
      this.abandon();
      await this.#stopped;
      throw new Error(`${this.name} did not stop within ${STOP_MS / 1000} s of SIGTERM`);
    }
  }

  /** Ends it for good, without waiting. */
  abandon(): void {
    this.#isStopping = true;
    this.#child.kill("SIGKILL");
  }

  #start(): ChildProcess {
    const { cwd, env } = this.#surroundings;
    this.#logged = statSync(this.#log, { throwIfNoEntry: false })?.size ?? 0;
    return startIngot(this.#args, this.#log, { cwd, env: { ...env, ...this.clock?.env } });
  }

  async #keepRunning(): Promise<void> {
    while (true) {
      const since = performance.now();
      const [code, signal] = await once(this.#child, "exit");
      if (this.#isStopping) return;
      if (signal === "SIGKILL") this.kills += 1;
      else {
        const seconds = ((performance.now() - since) / 1000).toFixed(1);
        const last = this.log.trimEnd().split("\n").at(-1) ?? "";
        const text = `${this.name} after ${seconds} s: ${signal ?? `exit code ${code}`}: ${last}`;
        const isExplained = signal === null && last.startsWith("error: ");
        (isExplained ? this.ends : this.crashes).push(text);
        await delay(AGAIN_MS);
        if (this.#isStopping) return;
      }
      this.#child = this.#start();
    }
  }
}
