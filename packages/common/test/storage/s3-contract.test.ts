import { test } from "vitest";
import { S3Store } from "../../src/storage/s3-store.ts";
import { describeObjectStore } from "./contract.ts";
import { makeBucket, NOT_RUN, s3Server } from "./s3-server.ts";

const access = s3Server();

if (!access) {
  process.stderr.write(NOT_RUN);
  test.skip("S3 did not run: no server is given", () => {});
} else {
  for (const prefix of ["", "lakes/the shop & co/bronze/"]) {
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
}
