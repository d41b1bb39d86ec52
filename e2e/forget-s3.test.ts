import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { LAYERS, type Layer, readAll } from "@ingot/common";
import { expect, test } from "vitest";
import { S3Admin } from "../packages/common/src/storage/s3/admin.ts";
import { S3Store } from "../packages/common/src/storage/s3/store.ts";
import { describeOnS3 } from "../packages/common/test/storage/s3-server.ts";
import { EMAIL, everyFile, RAW, temporaryFolder, tracesIn } from "./forget-support.ts";
import { ingotWith } from "./query-support.ts";

/** Raw files that named the person, and do no more: written over, and deleted. */
const OVERWRITTEN = "orders/dt=2026-01-01/orders_overwritten.jsonl";
const DELETED = "clicks/clicks_deleted.txt";

describeOnS3("forgetting on S3", (access, { name }) => {
  test.skipIf(name === "VersityGW")(
    "a person is gone from every version of every object, and gold stays",
    async () => {
      const folder = temporaryFolder("forget-s3");
      const prefix = `forget-${randomBytes(4).toString("hex")}-`;
      const env = {
        LAKE_URL: "s3://",
        BUCKET_PREFIX: prefix,
        S3_ENDPOINT: access.endpoint,
        S3_ACCESS_KEY_ID: access.accessKeyId!,
        S3_SECRET_ACCESS_KEY: access.secretAccessKey!,
        EMAIL_HASH_KEY: "k1",
        HOME: folder,
        LOG_FORMAT: "json",
      };
      const run = async (...args: string[]): Promise<string> => {
        const { code, stdout, stderr } = await ingotWith(args, { cwd: folder, env });
        expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" });
        return stdout;
      };
      await run("init");
      const admin = await S3Admin.open(access);
      // Some administrators let everything be kept.
      for (const layer of ["silver", "quarantine"]) await admin.enableVersioning(prefix + layer);
      const stores = LAYERS.map((layer): [Layer, S3Store] => [
        layer,
        new S3Store({ access, bucket: prefix + layer }),
      ]);
      const { bronze, gold } = Object.fromEntries(stores) as Record<Layer, S3Store>;
      const order =
        '{"order_id":"V1","customer_id":"ZQ-4711","product":"Tea","total_amount":1,"order_ts":"2026-01-01"}\n';
      const old = [
        [OVERWRITTEN, order],
        [OVERWRITTEN, order.replace("ZQ-4711", "A-1")],
        [DELETED, '{"customer_id":"ZQ-4711"}\n'],
      ] as const;
      for (const [key, content] of [...Object.entries(RAW), ...old])
        await bronze.write(key, Buffer.from(content));
      await bronze.delete(DELETED);
      for (const args of [
        ["clean", "--once"],
        ["aggregate", "--once"],
        ["compact"],
        ["query", "from customers"],
      ])
        await run(...args);

      const latest = async (): Promise<string[]> => {
        const objects = await Array.fromAsync(gold.list({ prefix: "latest/" }));
        return Promise.all(objects.map(async ({ key }) => (await readAll(gold, key)).toString()));
      };
      /** All that anybody can still read, in the store and on this machine. */
      const traces = async (): Promise<Record<string, string[]>> => {
        const objects: [string, Buffer][] = everyFile(folder).map((file) => [
          path.relative(folder, file),
          readFileSync(file),
        ]);
        for (const [layer, store] of stores) {
          for await (const version of store.versions.list()) {
            const bytes = version.isDeletion ? [] : await Array.fromAsync(store.versions.read(version));
            objects.push([`${layer}/${version.key} ${version.id}`, Buffer.concat(bytes)]);
          }
        }
        return tracesIn(objects);
      };
      const before = await latest();
      expect(Object.keys(await traces()).join(" ")).toMatch(
        /orders_overwritten.*\.cache|\.cache.*orders_overwritten/,
      );
      const done = await run("forget", EMAIL);
      expect(done).toMatch(/older versions of objects deleted for good/);
      expect(await traces()).toEqual({});
      expect(await latest()).toEqual(before);
      expect(await Array.fromAsync(gold.list({ prefix: "_forgotten/" }))).toHaveLength(1);
      for (const [, store] of stores) store.close();
    },
  );
});
