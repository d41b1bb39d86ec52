import type { S3Access } from "../../src/lake-location.ts";
import { S3Store } from "../../src/storage/s3/store.ts";
import { describeObjectStore } from "./contract.ts";
import { describeOnOneS3, describeOnS3, makeBucket } from "./s3-server.ts";

const PREFIX = "lakes/the shop & co/bronze/";

describeOnS3("the storage contract", (access) => declare("S3 bucket with a prefix", access, PREFIX));
describeOnOneS3("the storage contract", (access) => declare("S3 bucket", access, ""));

function declare(title: string, access: S3Access, prefix: string): void {
  describeObjectStore(title, async () => {
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
