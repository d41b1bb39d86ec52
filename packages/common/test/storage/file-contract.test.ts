import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { FileStore } from "../../src/storage/files/store.ts";
import { describeObjectStore } from "./contract.ts";

describeObjectStore("folder", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "ingot-files-"));
  const root = path.join(folder, "not made yet");
  return {
    store: new FileStore(root),
    other: new FileStore(root),
    cleanUp: () => rm(folder, { recursive: true }),
  };
});
