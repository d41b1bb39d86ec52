import { S3Store } from "../../src/storage/s3/store.ts";
import { describeObjectStore } from "./contract.ts";
import { describeOnS3, makeBucket } from "./s3-server.ts";

describeOnS3("the storage contract", (access) => {
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
});
