import { RequestError } from "./errors.ts";

/**
 * What `work` answers, so long as it does within the time-out.
 *
 * @throws RequestError `query_timeout`; the work may go on, and its end is ignored
 */
export async function withinTime<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `No answer within ${timeoutMs / 1000} s. Ask for a shorter period or fewer values, or try again.`;
      reject(new RequestError("query_timeout", message));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
