import { inject } from "vitest";
import { S3Store } from "../../src/storage/s3/store.ts";
import { runs } from "../support/runs.ts";
import { describeObjectStore } from "./contract.ts";
import { describeOnS3, makeBucket } from "./s3-server.ts";

const PREFIXES = ["", "lakes/the shop & co/bronze/"];

describeOnS3("the storage contract", (access, { name }) => {
  const servers = inject("s3Servers").map((server) => server.name);
  // What a prefix changes is the same on any store: where there are two, each has one of them, but for long runs.
  const isForBoth = servers.length === 1 || runs(1) > 1;
  for (const prefix of isForBoth ? PREFIXES : [PREFIXES[servers.indexOf(name) % 2]!]) {
    describeObjectStore(prefix === "" ? "S3 bucket" : "S3 bucket with a prefix", async () => {
      const { bucket, remove } = await makeBucket(access);
      const open = (): S3Store => new S3Store({ access, bucket, prefix });
      const [store, other] = [open(), open()];
      const cleanUp = async (): Promise<void> => {
        store.close();
        other.close();
        await remove();
      };
      return { store, other, cleanUp };
    });
  }
});
