import { isIPv6, type Socket } from "node:net";

/** So many wrong tokens an address may send at once … */
const BURST = 10;
/** … and one more each time this has passed. */
const REGAIN_MS = 3_000;
const MOST_ADDRESSES = 10_000;

interface Budget {
  left: number;
  atMs: number;
}

/**
 * How often an address may be wrong about the token. An address that used that up is refused even with the right one, or
 * guessing would go on; connections that were right before are not.
 */
export class GuessLimit {
  readonly #budgets = new Map<string, Budget>();
  readonly #trusted = new WeakSet<Socket>();

  allows(address: string, socket: Socket): boolean {
    return this.#trusted.has(socket) || this.#budget(networkOf(address)).left >= 1;
  }

  right(socket: Socket): void {
    this.#trusted.add(socket);
  }

  wrong(address: string): void {
    const network = networkOf(address);
    const { left, atMs } = this.#budget(network);
    this.#budgets.delete(network);
    this.#budgets.set(network, { left: left - 1, atMs });
    const [oldest] = this.#budgets.keys();
    if (this.#budgets.size > MOST_ADDRESSES && oldest !== undefined) this.#budgets.delete(oldest);
  }

  #budget(network: string): Budget {
    const nowMs = performance.now();
    const known = this.#budgets.get(network);
    if (!known) return { left: BURST, atMs: nowMs };
    return { left: Math.min(BURST, known.left + (nowMs - known.atMs) / REGAIN_MS), atMs: nowMs };
  }
}

/** An IPv6 user has a whole network of addresses to guess from. */
function networkOf(address: string): string {
  return isIPv6(address) && !address.startsWith("::ffff:")
    ? address.split(":").slice(0, 4).join(":")
    : address;
}
