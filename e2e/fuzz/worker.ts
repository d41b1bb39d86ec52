import { rmSync } from "node:fs";
import { type CaseId, caseOf } from "./cases.ts";
import type { Reply, Task } from "./pool.ts";
import { tryCase } from "./try-case.ts";

/* A process that tries inputs, one after the other, as its parent says. */

process.on("message", ({ id, folder }: Task<CaseId>) => {
  void attempt(id, folder).then((reply) => process.send!(reply));
});

async function attempt(id: CaseId, folder: string): Promise<Reply> {
  const started = performance.now();
  const done = (): Pick<Reply, "ms" | "peakMb"> => ({
    ms: performance.now() - started,
    peakMb: process.resourceUsage().maxRSS / 1024,
  });
  try {
    const figures = await tryCase(caseOf(id), folder);
    rmSync(folder, { recursive: true, force: true });
    return { figures, ...done() };
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { failure, ...done() };
  }
}
