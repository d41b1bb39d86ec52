import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Clock } from "../src/clock.ts";
import { LayerScanner, type ScannerLimits } from "../src/scanner.ts";
import { FileStore } from "../src/storage/files/store.ts";
import type { ListOptions, ObjectInfo, ObjectStore } from "../src/storage/object-store.ts";
import { runs } from "./support/runs.ts";

const LIMITS: ScannerLimits = { wholeUpTo: 20, recent: 5, sweepMs: 60_000 };
const POLL_MS = 5_000;

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), "ingot-scanner-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }), 60_000);
  return made;
}

function movableClock(): Clock & { pass(ms: number): void } {
  let now = Date.parse("2026-03-01T12:00:00Z");
  return {
    now: () => new Date(now),
    sleep: async () => undefined,
    pass: (ms) => {
      now += ms;
    },
  };
}

/** A store that counts what its listings hand out. */
function counting(store: ObjectStore): ObjectStore & { listed: number } {
  const counted = {
    url: store.url,
    settleMs: store.settleMs,
    listed: 0,
    stat: (key: string) => store.stat(key),
    read: (key: string) => store.read(key),
    write: (key: string, body: Uint8Array | AsyncIterable<Uint8Array>) => store.write(key, body),
    delete: (key: string) => store.delete(key),
    async *list(options: ListOptions = {}): AsyncGenerator<ObjectInfo> {
      for await (const info of store.list(options)) {
        counted.listed += 1;
        yield info;
      }
    },
  };
  return counted;
}

/** Takes a look, settles all that it shows, and returns it. */
async function lookAndSettle(scanner: LayerScanner, whole = false): Promise<ObjectInfo[]> {
  const shown: ObjectInfo[] = [];
  for await (const chunk of scanner.look(whole)) {
    for (const info of chunk) {
      scanner.settle(info);
      shown.push(info);
    }
  }
  return shown;
}

const keys = (shown: readonly ObjectInfo[]): string[] => shown.map(({ key }) => key);

/** Puts files into a store's folder, as somebody would who copies them there: many times faster than the store. */
function fill(root: string, count: number, name: (n: number) => string): void {
  for (let n = 0; n < count; n++) {
    const file = path.join(root, name(n));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, "x");
  }
}

const dated = (n: number): string => `orders/dt=2026-01-01/orders_${String(n).padStart(6, "0")}.json`;

test("a small layer is shown whole at each look, so that nothing has to be remembered", async () => {
  const root = folder();
  const store = new FileStore(root);
  fill(root, 10, dated);
  const scanner = new LayerScanner(store, movableClock(), LIMITS);
  for (let look = 0; look < 3; look++) expect(await lookAndSettle(scanner)).toHaveLength(10);
});

test("in a large layer a look shows what is new by name at once, and nothing else", async () => {
  const root = folder();
  const store = new FileStore(root);
  fill(root, 100, dated);
  const scanner = new LayerScanner(store, movableClock(), LIMITS);
  expect(await lookAndSettle(scanner)).toHaveLength(100);
  expect(await lookAndSettle(scanner)).toEqual([]);
  const fresh = [dated(100), "orders/dt=2026-01-02/orders_a.json"];
  for (const key of fresh) await store.write(key, Buffer.from("x"));
  expect(keys(await lookAndSettle(scanner))).toEqual(fresh);
  expect(await lookAndSettle(scanner)).toEqual([]);
});

test("what was told of is shown at once, wherever it lies; what has vanished is not", async () => {
  const root = folder();
  const store = new FileStore(root);
  fill(root, 100, dated);
  const scanner = new LayerScanner(store, movableClock(), LIMITS);
  await lookAndSettle(scanner);
  const odd = ["a.json", "orders/dt=2020-01-01/late.json", "zzz/new folder.json"];
  for (const key of odd) {
    await store.write(key, Buffer.from("x"));
    scanner.hint(key);
  }
  scanner.hint("never/there.json");
  expect(keys(await lookAndSettle(scanner))).toEqual(odd);
  expect(await lookAndSettle(scanner)).toEqual([]);
});

test("what is not settled is shown again, until it is settled or gone", async () => {
  const root = folder();
  const store = new FileStore(root);
  fill(root, 100, dated);
  const scanner = new LayerScanner(store, movableClock(), LIMITS);
  await lookAndSettle(scanner);
  const young = "orders/dt=2020-01-01/young.json";
  const [first, second] = [young, dated(100)];
  for (const key of [first, second]) await store.write(key, Buffer.from("x"));
  scanner.hint(young);
  for (let look = 0; look < 3; look++) {
    expect(keys((await Array.fromAsync(scanner.look())).flat()).sort()).toEqual([first, second].sort());
  }
  await store.delete(young);
  expect(keys(await lookAndSettle(scanner))).toEqual([second]);
  expect(await lookAndSettle(scanner)).toEqual([]);
});

test("a recent object that is written over is shown again", async () => {
  const root = folder();
  const store = new FileStore(root);
  fill(root, 100, dated);
  const scanner = new LayerScanner(store, movableClock(), LIMITS);
  await lookAndSettle(scanner);
  await store.write(dated(99), Buffer.from("another"));
  expect(keys(await lookAndSettle(scanner))).toEqual([dated(99)]);
});

test("a look at everything that broke off is repeated", async () => {
  const root = folder();
  const store = new FileStore(root);
  fill(root, 1_200, dated);
  const scanner = new LayerScanner(store, movableClock(), { ...LIMITS, wholeUpTo: 100 });
  for await (const chunk of scanner.look()) {
    expect(chunk).toHaveLength(1_000);
    break;
  }
  expect(await lookAndSettle(scanner)).toHaveLength(1_200);
  expect(await lookAndSettle(scanner, true)).toHaveLength(1_200);
});

test("of a folder that is somebody else's nothing is shown, nor looked at when it is told of", async () => {
  const root = folder();
  const store = counting(new FileStore(root));
  fill(root, 30, dated);
  fill(root, 30, (n) => `others/orders_${n}.json`);
  const clock = movableClock();
  const scanner = new LayerScanner(store, clock, LIMITS, ["others/"]);
  expect(await lookAndSettle(scanner)).toHaveLength(30);
  scanner.hint("others/orders_7.json");
  scanner.hint(dated(3));
  expect(keys(await lookAndSettle(scanner))).toEqual([dated(3)]);
  clock.pass(LIMITS.sweepMs * 1_000);
  expect(await lookAndSettle(scanner)).toHaveLength(30);
  expect(await lookAndSettle(scanner, true)).toHaveLength(30);
});

test("within its time it has come by every object, also where nobody told of it", async () => {
  const name = fc.constantFrom(
    "a",
    "b",
    "orders/1",
    "orders/dt=2/x",
    "orders/dt=3/y",
    "zz/z",
    "orders/dt=1/é",
  );
  const number = fc.nat(60);
  const step = fc.oneof(
    fc.record({ kind: fc.constant("write" as const), name, number, isTold: fc.boolean() }),
    fc.record({ kind: fc.constant("delete" as const), name, number, isTold: fc.boolean() }),
    fc.record({ kind: fc.constant("look" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const root = mkdtempSync(path.join(tmpdir(), "ingot-scanner-"));
      try {
        const store = new FileStore(root);
        fill(root, 30, (n) => `orders/dt=2/w${n}`);
        const clock = movableClock();
        const limits = { ...LIMITS, wholeUpTo: 10 };
        const scanner = new LayerScanner(store, clock, limits);
        const seen = new Map<string, string>();
        const look = async (): Promise<void> => {
          clock.pass(POLL_MS);
          for (const { key, etag } of await lookAndSettle(scanner)) seen.set(key, etag);
        };
        await look();
        for (const it of steps) {
          if (it.kind === "look") await look();
          else {
            const key = `${it.name}${it.number}`;
            if (it.kind === "delete") await store.delete(key);
            else await store.write(key, Buffer.from(String(Math.random())));
            if (it.isTold) scanner.hint(key);
          }
        }
        // A piece of a turn is a thousand objects at least: of few, none is due for many turns' time.
        for (let turn = 0; turn < 3; turn++) {
          clock.pass(LIMITS.sweepMs * 1_000);
          await look();
        }
        for await (const { key, etag } of store.list()) expect([key, seen.get(key)]).toEqual([key, etag]);
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    }),
    { numRuns: runs(15) },
  );
});

test("a look at many objects lists no more than a look at few", { timeout: 60_000 }, async () => {
  const limits = { wholeUpTo: 500, recent: 100, sweepMs: 30 * 60_000 };
  const listedBy = async (count: number): Promise<number> => {
    const root = folder();
    fill(root, count, (n) => `orders/dt=${String(Math.floor(n / 1_000)).padStart(4, "0")}/o_${n}.json`);
    const store = counting(new FileStore(root));
    const clock = movableClock();
    const scanner = new LayerScanner(store, clock, limits);
    await lookAndSettle(scanner);
    store.listed = 0;
    for (let look = 0; look < 20; look++) {
      clock.pass(POLL_MS);
      await lookAndSettle(scanner);
    }
    return store.listed / 20;
  };
  const [few, many] = [await listedBy(1_000), await listedBy(4_000)];
  console.info(`objects listed at a look: ${few} of 1,000, ${many} of 4,000`);
  expect(many).toBeLessThan(2 * few + 200);
});
