import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { type FaultyProxy, faultyProxy } from "../../packages/common/test/storage/faulty-proxy.ts";
import { freePort, newKeys, startMinio } from "../../packages/common/test/storage/s3-servers.ts";
import { mountSmallDisk, type SmallDisk } from "./disk.ts";

export const PLACES = ["minio", "folder"] as const;
export type PlaceName = (typeof PLACES)[number];

/** A real store that can be ended, and the network before it. */
export interface Store {
  proxy: FaultyProxy;
  /** Ends the store where it stands. */
  kill(): Promise<void>;
  /** Starts it again, on the same data. */
  start(): Promise<void>;
}

/** What a lake lies on. */
export interface Place {
  /** Options of the services. */
  env: Record<string, string>;
  /** Options of who looks at the lake from outside, past the network. */
  direct: Record<string, string>;
  /** All of the lake's data and the warehouse. */
  data: string;
  /** What may become full; otherwise why it cannot. */
  disk: SmallDisk | string;
  store: Store | undefined;
  close(): Promise<void>;
}

/** @param folder where its data will lie; to be removed by the caller */
export async function openPlace(name: PlaceName, folder: string): Promise<Place> {
  const data = path.join(folder, "data");
  const disk = await mountSmallDisk(data);
  const unmount = async (): Promise<void> => void (typeof disk !== "string" && (await disk.unmount()));
  const warehouse = path.join(data, "warehouse");
  await mkdir(warehouse);
  // On the same disk for both, so that it is full for the warehouse too.
  const base = { WAREHOUSE_URL: path.join(warehouse, "ecommerce.sqlite"), EMAIL_HASH_KEY: "chaos" };
  if (name === "folder") {
    const env = { ...base, LAKE_URL: path.join(data, "lake") };
    return { env, direct: env, data, disk, store: undefined, close: unmount };
  }
  const stops: (() => Promise<unknown>)[] = [unmount];
  const close = async (): Promise<void> => {
    for (const stop of stops) await stop();
  };
  try {
    const options = { folder: path.join(data, "minio"), port: await freePort(), ...newKeys() };
    const { store, endpoint } = await openStore(options, stops);
    const keys = { S3_ACCESS_KEY_ID: options.accessKeyId, S3_SECRET_ACCESS_KEY: options.secretAccessKey };
    const env = { ...base, ...keys, LAKE_URL: "s3://", S3_ENDPOINT: store.proxy.endpoint };
    return { env, direct: { ...env, S3_ENDPOINT: endpoint }, data, disk, store, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openStore(
  options: Parameters<typeof startMinio>[0],
  stops: (() => Promise<unknown>)[],
): Promise<{ store: Store; endpoint: string }> {
  let child: ChildProcess | undefined;
  stops.unshift(() => kill());
  const kill = async (): Promise<void> => {
    if (child?.kill("SIGKILL")) await once(child, "exit");
  };
  const start = async (): Promise<void> => {
    // Ended by `kill`, whichever start it was.
    const ended: (() => Promise<unknown>)[] = [];
    try {
      child = (await startMinio(options, ended)).process;
    } catch (error) {
      for (const end of ended) await end();
      throw error;
    }
  };
  await start();
  const proxy = await faultyProxy(`http://127.0.0.1:${options.port}`);
  stops.unshift(() => proxy.close());
  return { store: { proxy, kill, start }, endpoint: `http://127.0.0.1:${options.port}` };
}
