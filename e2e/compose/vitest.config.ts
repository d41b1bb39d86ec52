import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The compose file with a real Docker engine: minutes, and images; so it has a command of its own. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["e2e/compose/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    // Each test goes on from where the one before it has left the deployment.
    bail: 1,
  },
});
