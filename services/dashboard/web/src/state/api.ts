import type { ApiError } from "../../../src/api/contract.ts";

/** A request that failed: `code` is the server's, or `offline` where it did not answer. */
export class RequestError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "RequestError";
    this.code = code;
  }
}

/** The address of something below the page's own folder. */
export function addressOf(path: string): string {
  return new URL(path.replace(/^\//, ""), document.baseURI.replace(/[?#].*$/, "")).href;
}

/**
 * Asks the server. What the browser has is used where the server says that it is still right (ETag).
 * Throws a RequestError, or the signal's reason.
 */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(addressOf(path), {
      cache: "no-cache",
      headers: { accept: "application/json" },
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestError("offline", String(error));
  }
  if (response.ok) return (await response.json()) as T;
  throw await errorOf(response);
}

async function errorOf(response: Response): Promise<RequestError> {
  try {
    const { error } = (await response.json()) as ApiError;
    return new RequestError(error.code, error.message);
  } catch {
    // A proxy's answer in the server's place.
    const code = response.status >= 502 ? "offline" : "unknown";
    return new RequestError(code, `${response.status} ${response.statusText}`);
  }
}
