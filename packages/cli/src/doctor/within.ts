/** Milliseconds after which a question counts as not answered. */
const ANSWER_MS = 10_000;

/** Awaits work for some seconds at most; it goes on unheard then. @throws Error where it takes longer */
export async function within<T>(work: Promise<T>, ms = ANSWER_MS): Promise<T> {
  work.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
