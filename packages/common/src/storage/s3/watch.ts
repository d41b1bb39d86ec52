import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import type { ClientOptions } from "minio";
import type { S3Access } from "../../lake-location.ts";
import type { Watch, WatchOptions } from "../watch.ts";
import { createMinioClient } from "./minio-client.ts";

export interface BucketWatchOptions extends WatchOptions {
  access: S3Access & { endpoint: string };
  bucket: string;
  /** Only keys that begin with this text; empty for all. */
  prefix: string;
  timing?: Partial<Timing>;
}

/** Milliseconds. */
interface Timing {
  /** Without a byte for so long, a connection counts as dead. MinIO sends a blank twice a second. */
  idleMs: number;
  firstRetryMs: number;
  maxRetryMs: number;
  /** Until a store is asked again that has no notifications, or does not permit them. */
  refusedMs: number;
}

const TIMING: Timing = { idleMs: 10_000, firstRetryMs: 250, maxRetryMs: 30_000, refusedMs: 10 * 60_000 };

/** A connection that lasts for longer is no sign of a server that ends each at once. */
const STABLE_MS = 5_000;

/** How a connection ended. */
type Ending =
  /** It broke, or could not be made: the poll says what there is to say about that. */
  | { kind: "lost"; livedMs: number }
  /** The server took the request, and not a byte came. */
  | { kind: "silent" }
  | { kind: "refused"; reason: string };

/**
 * Listens for new objects of a bucket, as MinIO and its kin tell of them: one answer that never ends, to which they add
 * a line for each. The connection is made again whenever it is lost; what came in between is one hint.
 */
export function watchBucket(options: BucketWatchOptions): Watch {
  const stop = new AbortController();
  const ended = keepListening(options, { ...TIMING, ...options.timing }, stop.signal);
  return {
    close: async () => {
      stop.abort();
      await ended;
    },
  };
}

async function keepListening(
  options: BucketWatchOptions,
  timing: Timing,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  let silences = 0;
  let isTold = false;
  const tell = (reason: string): void => {
    if (!isTold) options.onUnable(reason);
    isTold = true;
  };
  while (!signal.aborted) {
    const ending = await new Connection(options, timing.idleMs, signal).ended;
    if (signal.aborted) return;
    failures = ending.kind === "lost" && ending.livedMs > STABLE_MS ? 1 : failures + 1;
    silences = ending.kind === "silent" ? silences + 1 : 0;
    if (ending.kind === "refused") tell(ending.reason);
    // Once may be a server that hangs for a moment.
    if (silences === 2) tell(`${options.access.endpoint} takes the request to listen and never answers`);
    const fullMs = Math.min(timing.maxRetryMs, timing.firstRetryMs * 2 ** (failures - 1));
    const waitMs = (ending.kind === "refused" ? timing.refusedMs : fullMs) * (0.5 + Math.random() / 2);
    await delay(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/**
 * One connection, from its request to its end. The `minio` package addresses and signs the request and reads errors; a
 * stream is read here: the package's reader asks again at the end without a pause, notices no silence, keeps every
 * blank in memory, and cannot be stopped before the next event.
 */
class Connection {
  readonly ended: Promise<Ending>;
  readonly #options: BucketWatchOptions;
  readonly #idleMs: number;
  /** Breaks the connection. */
  readonly #abort = new AbortController();
  #end!: (ending: Ending) => void;
  #idle: NodeJS.Timeout | undefined;
  #listeningSince: number | undefined;
  /** HTTP status of an answer that is no stream; 0 without an answer. */
  #status = 0;

  constructor(options: BucketWatchOptions, idleMs: number, signal: AbortSignal) {
    this.#options = options;
    this.#idleMs = idleMs;
    const stop = (): void => this.#end(this.#lost());
    this.ended = new Promise<Ending>((resolve) => {
      this.#end = resolve;
    }).finally(() => {
      signal.removeEventListener("abort", stop);
      clearTimeout(this.#idle);
      this.#abort.abort();
    });
    signal.addEventListener("abort", stop, { once: true });
    this.#open().catch((error) => this.#failed(error));
  }

  async #open(): Promise<void> {
    const { access, bucket, prefix } = this.#options;
    const client = await createMinioClient(access, {
      transport: this.#transport(),
      // It would write a line of its own to the terminal.
      retryOptions: { disableRetry: true },
    });
    if (this.#abort.signal.aborted) return;
    const poller = client.listenBucketNotification(bucket, prefix, "", ["s3:ObjectCreated:*"]);
    poller.on("error", (error) => this.#failed(error));
  }

  #transport(): NonNullable<ClientOptions["transport"]> {
    const { request } = this.#options.access.endpoint.startsWith("https:") ? https : http;
    const send = (options: http.RequestOptions, onAnswer: (answer: IncomingMessage) => void) => {
      // No agent: the connection is nobody else's, before and after.
      const sent = request({ ...options, agent: false, signal: this.#abort.signal }, (answer) => {
        // Breaking the connection is an error of the answer; it has ended by then.
        answer.on("error", () => undefined);
        this.#answered(answer, onAnswer);
      });
      sent.on("socket", (socket) => socket.unref());
      this.#expectBytes();
      return sent;
    };
    return { request: send as typeof request };
  }

  #answered(answer: IncomingMessage, readError: (answer: IncomingMessage) => void): void {
    if (answer.statusCode !== 200) {
      this.#status = answer.statusCode ?? 0;
      readError(answer);
      return;
    }
    if (!/^text\/event-stream\b/.test(answer.headers["content-type"] ?? "")) {
      // Others take the request for a listing.
      this.#end({ kind: "refused", reason: `${this.#options.access.endpoint} has none` });
      return;
    }
    this.#listeningSince = performance.now();
    // What was put in before the server began to tell.
    this.#options.onChange();
    this.#expectBytes();
    const decoder = new TextDecoder();
    let line = "";
    answer.on("data", (bytes: Buffer) => {
      this.#expectBytes();
      const lines = (line + decoder.decode(bytes, { stream: true })).split("\n");
      // What has begun is not whole yet, and blanks keep the connection alive.
      line = lines.pop()!.trimStart();
      for (const event of lines) if (event.trim() !== "") this.#tell(event);
    });
    answer.on("close", () => this.#end(this.#lost()));
  }

  /** Hands on the keys of an event; where they cannot be read, that there is one. */
  #tell(event: string): void {
    const { prefix, onChange } = this.#options;
    const keys = keysOf(event);
    if (keys.length === 0) onChange();
    for (const key of keys) onChange(key.startsWith(prefix) ? key.slice(prefix.length) : undefined);
  }

  #expectBytes(): void {
    clearTimeout(this.#idle);
    if (this.#abort.signal.aborted) return;
    const isListening = this.#listeningSince !== undefined;
    const end = (): void => this.#end(isListening ? this.#lost() : { kind: "silent" });
    this.#idle = setTimeout(end, this.#idleMs).unref();
  }

  #lost(): Ending {
    const livedMs = this.#listeningSince === undefined ? 0 : performance.now() - this.#listeningSince;
    return { kind: "lost", livedMs };
  }

  #failed(error: unknown): void {
    const status = this.#status;
    const isRefusal = (status >= 400 && status < 500) || status === 501;
    // The poll says that there is no bucket, and it may come.
    const isTemporary = status === 404 || status === 408 || status === 429;
    if (!isRefusal || isTemporary) {
      this.#end(this.#lost());
      return;
    }
    const { endpoint } = this.#options.access;
    const code = (error as { code?: unknown } | null)?.code ?? `HTTP ${status}`;
    const right = status === 403 ? "; the right is s3:ListenBucketNotification" : "";
    this.#end({ kind: "refused", reason: `${endpoint} does not permit it (${code}${right})` });
  }
}

/** The keys that an event names; MinIO writes them to listeners as they are, not encoded as in other notifications. */
function keysOf(event: string): string[] {
  try {
    const { Records } = JSON.parse(event) as { Records: { s3: { object: { key: string } } }[] };
    return Records.map(({ s3 }) => s3.object.key);
  } catch {
    return [];
  }
}
