import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { IngotError, type ObjectStore, readJson, systemClock } from "@ingot/common";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FileStore } from "../../../packages/common/src/storage/files/store.ts";
import { S3Store } from "../../../packages/common/src/storage/s3/store.ts";
import { describeOnS3, makeBucket } from "../../../packages/common/test/storage/s3-server.ts";
import { recordingLogger } from "../../../packages/common/test/support/recorders.ts";
import { leaseKey, takeLease } from "../src/lease/lease.ts";
import { ownIdentity } from "../src/lease/process-identity.ts";

const CONTENDERS = 4;
const ROUNDS = 2;

/** The number of a process that has ended. */
const ended = (): number => spawnSync(process.execPath, ["--version"]).pid;

/** @param open another client of the same storage for each contender */
function contenders(create: () => Promise<{ open: () => ObjectStore; remove: () => Promise<void> }>): void {
  let stores: ObjectStore[];
  let remove: () => Promise<void>;
  beforeAll(async () => {
    const made = await create();
    remove = made.remove;
    stores = Array.from({ length: CONTENDERS }, made.open);
  });
  afterAll(() => remove());

  const takeAtOnce = async (pipeline: string) => {
    const { logger } = recordingLogger();
    const signal = new AbortController().signal;
    const answers = await Promise.all(
      stores.map((gold) =>
        takeLease({ gold, pipeline, trigger: "manual", clock: systemClock, logger, signal }),
      ),
    );
    return answers.flatMap((answer) => ("lease" in answer ? [answer.lease] : []));
  };

  test("one of several gets it, where it is free and where its holder was killed", async () => {
    const [gold] = stores;
    for (let round = 0; round < ROUNDS; round++) {
      const pipeline = `shop-${round}`;
      const first = await takeAtOnce(pipeline);
      expect(first).toHaveLength(1);
      const { value } = (await readJson<object>(gold!, leaseKey(pipeline)))!;
      const left = { ...value, owner: "killed", ...ownIdentity(), pid: ended() };
      await gold!.write(leaseKey(pipeline), Buffer.from(JSON.stringify(left)));
      await first[0]!.release();
      const second = await takeAtOnce(pipeline);
      // Where a store replaces whatever is there, those who were too early find out before they write.
      const kept = await Promise.all(
        second.map((lease) =>
          lease.ensure().then(
            () => true,
            (error) => !(error instanceof IngotError),
          ),
        ),
      );
      expect(kept).toEqual([true]);
      await Promise.all(second.map((lease) => lease.release()));
      expect(await readJson(gold!, leaseKey(pipeline))).toBeUndefined();
    }
  });
}

describe("the lease in a folder", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-lease-"));
  contenders(async () => ({
    open: () => new FileStore(folder),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }));
});

describeOnS3("the lease", (access) => {
  contenders(async () => {
    const { bucket, remove } = await makeBucket(access);
    const opened: S3Store[] = [];
    const open = () => {
      const store = new S3Store({ access, bucket });
      opened.push(store);
      return store;
    };
    return {
      open,
      remove: async () => {
        for (const store of opened) store.close();
        await remove();
      },
    };
  });
});
