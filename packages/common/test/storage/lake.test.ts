import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { LAYERS } from "../../src/object-names.ts";
import { openLake } from "../../src/storage/lake.ts";

const buckets = { bronze: "shop-bronze", silver: "silver", quarantine: "rejects", gold: "gold" };
const s3 = { endpoint: "http://127.0.0.1:1", region: "us-east-1", forcePathStyle: true };

const urls = async (url: string): Promise<string[]> => {
  const lake = await openLake({ url: new URL(url), buckets, s3 });
  await lake.close();
  return LAYERS.map((layer) => lake[layer].url);
};

test("a folder lake keeps each layer in a folder of its name, made at the first write", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "ingot-lake with blank-"));
  const lake = await openLake({ url: pathToFileURL(folder), buckets });
  expect(lake.gold.url).toBe(pathToFileURL(path.join(folder, "gold")).href);
  expect(await Array.fromAsync(lake.bronze.list())).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
  await lake.bronze.write("orders/a.json", Buffer.from("[]"));
  expect(await readdir(folder)).toEqual(["shop-bronze"]);
  await lake.close();
  await rm(folder, { recursive: true });
});

test("s3:// has a bucket for each layer", async () => {
  expect(await urls("s3://")).toEqual(["s3://shop-bronze", "s3://silver", "s3://rejects", "s3://gold"]);
});

test("s3://bucket/path has the layers as folders of one bucket", async () => {
  const expected = ["shop-bronze", "silver", "rejects", "gold"].map(
    (name) => `s3://lakes/my shop/2026/${name}`,
  );
  expect(await urls("s3://lakes/my%20shop/2026/")).toEqual(expected);
  expect((await urls("s3://lakes"))[3]).toBe("s3://lakes/gold");
});

test("any other address is refused", async () => {
  for (const url of ["s3:///path", "http://host/x"]) {
    await expect(urls(url)).rejects.toMatchObject({
      code: "invalid_option",
      context: { variable: "LAKE_URL" },
    });
  }
});
