import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { runsTimeout } from "../packages/common/test/support/runs.ts";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["packages/*/test/**/*.test.ts", "services/*/test/**/*.test.ts", "e2e/*.test.ts"],
    globalSetup: "packages/common/test/storage/s3-servers.ts",
    testTimeout: runsTimeout(30_000),
    // Many tests wait for processes and servers; one worker less than cores, as usual, would leave most of them idle.
    maxWorkers: availableParallelism() + 1,
    // Suites change nothing that outlives them; to load everything once for each of them takes a tenth of the time.
    isolate: false,
  },
});
