import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { getJson, RequestError } from "./api.ts";

/**
 * Something of the server at an address that changes. The old answer stays until the new one is there. Another address
 * ends the request before; a refresh of the same one waits for it and asks once more, so that a slow server is never kept
 * from answering by news that come faster.
 */
export class Resource<T> {
  readonly #answer = signal<{ path: string; data: T } | undefined>(undefined);
  readonly #wanted = signal<string | undefined>(undefined);
  readonly #error = signal<RequestError | undefined>(undefined);
  #request: AbortController | undefined;
  #isStale = false;

  readonly data: ReadonlySignal<T | undefined> = computed(() => this.#answer.value?.data);
  readonly error: ReadonlySignal<RequestError | undefined> = computed(() => this.#error.value);
  /** The answer shown is the one to another question than the last. */
  readonly isOutdated: ReadonlySignal<boolean> = computed(
    () => this.#answer.value !== undefined && this.#answer.value.path !== this.#wanted.value,
  );

  load(path: string) {
    if (path === this.#wanted.peek()) return this.refresh();
    this.#wanted.value = path;
    this.#request?.abort();
    this.#request = undefined;
    this.#isStale = false;
    void this.#run(path);
  }

  refresh() {
    const path = this.#wanted.peek();
    if (path === undefined) return;
    if (this.#request) this.#isStale = true;
    else void this.#run(path);
  }

  /** Forgets everything; an answer on its way is not waited for. */
  clear() {
    this.#request?.abort();
    this.#request = undefined;
    this.#wanted.value = undefined;
    this.#answer.value = undefined;
    this.#error.value = undefined;
  }

  async #run(path: string) {
    const request = new AbortController();
    this.#request = request;
    try {
      const data = await getJson<T>(path, request.signal);
      if (request.signal.aborted) return;
      this.#answer.value = { path, data };
      this.#error.value = undefined;
    } catch (error) {
      if (request.signal.aborted) return;
      this.#error.value = error instanceof RequestError ? error : new RequestError("unknown", String(error));
    }
    this.#request = undefined;
    if (this.#isStale) {
      this.#isStale = false;
      this.refresh();
    }
  }
}
