import { timestamp } from "@ingot/common";
import type { FaultRates } from "./faults.ts";
import { Random } from "./random.ts";

/** 36 ** 4: how many tags of four digits and letters there are. */
const TAGS = 1_679_616;
/** Shares no factor with TAGS, so that multiplying by it maps the tags one to one. */
const SCATTER = 1_000_003;

/**
 * A short text for a seed, unlike that of any other seed: four digits and letters, more from seed 1,679,616 on.
 *
 * @param seed a whole number, 0 or more
 */
export function seedTag(seed: number): string {
  const rest = Math.floor(seed / TAGS);
  const tag = (((seed % TAGS) * SCATTER) % TAGS).toString(36).padStart(4, "0");
  return rest === 0 ? tag : tag + rest.toString(36);
}

/** What all files of one tick have in common. */
export class TickContext {
  readonly atMs: number;
  readonly faults: FaultRates;
  private readonly seed: number;
  /** Seed and instant, as ids carry them. Milliseconds only where there are some: `k3f9-20260101T000005`. */
  private readonly origin: string;

  constructor(seed: number, at: Date, faults: FaultRates) {
    this.seed = seed;
    this.faults = faults;
    this.atMs = at.getTime();
    const milliseconds = at.getUTCMilliseconds();
    const fraction = milliseconds === 0 ? "" : String(milliseconds).padStart(3, "0");
    this.origin = `${seedTag(seed)}-${timestamp(at)}${fraction}`;
  }

  /** An id that no other tick and no other seed gives: `O-k3f9-20260101T000005-0042`. */
  id(kind: "C" | "O", number: number): string {
    return `${kind}-${this.origin}-${String(number).padStart(4, "0")}`;
  }

  /**
   * The draws for one purpose. They depend on the seed and the tick's instant alone, not on what was drawn
   * before, so that a day has the same new customers wherever a run begins.
   */
  stream(purpose: string): Random {
    return new Random(`${this.seed}/${this.atMs}/${purpose}`);
  }
}
