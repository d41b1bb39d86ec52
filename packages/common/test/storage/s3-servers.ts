import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { TestProject } from "vitest/node";

/** A real store that the suites run against. Buckets may be made and removed there. */
export interface S3Server {
  /** For test names: `MinIO`. */
  name: string;
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
}

declare module "vitest" {
  interface ProvidedContext {
    s3Servers: S3Server[];
  }
}

const IMAGE = process.env.MINIO_IMAGE ?? "pgsty/silo:RELEASE.2026-09-16T00-00-00Z";
const START_MS = 30_000;

const NOT_RUN = (reasons: readonly string[]): string =>
  `\n*** THE S3 SUITES DID NOT RUN: there is no server (${reasons.join("; ")}). Put a \`minio\` program on the PATH, ` +
  "start Docker, or set INGOT_TEST_S3_ENDPOINT, INGOT_TEST_S3_ACCESS_KEY and INGOT_TEST_S3_SECRET_KEY. ***\n\n";

/**
 * Finds or starts the real stores for a test run, once for all files. The first is, in this order: the endpoint that the
 * environment names, a `minio` program on the PATH, a container. A `versitygw` program on the PATH is a second one.
 * Without any it says so loudly, and fails where INGOT_TEST_S3=required.
 */
export default async function startS3Servers(project: TestProject): Promise<() => Promise<void>> {
  const stops: (() => Promise<unknown>)[] = [];
  const servers: S3Server[] = [];
  const reasons: string[] = [];
  const main = given() ?? (await minioOnPath(stops)) ?? (await minioInContainer(stops, reasons));
  if (main) servers.push(main);
  const other = await versityOnPath(stops);
  if (other) servers.push(other);
  if (servers.length === 0) {
    const text = NOT_RUN(reasons);
    if (process.env.INGOT_TEST_S3 === "required") throw new Error(text);
    process.stderr.write(text);
  }
  project.provide("s3Servers", servers);
  return () => stopAll(stops);
}

async function stopAll(stops: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const stop of stops) await stop();
}

function given(): S3Server | undefined {
  const { INGOT_TEST_S3_ENDPOINT, INGOT_TEST_S3_ACCESS_KEY, INGOT_TEST_S3_SECRET_KEY } = process.env;
  if (!INGOT_TEST_S3_ENDPOINT || !INGOT_TEST_S3_ACCESS_KEY || !INGOT_TEST_S3_SECRET_KEY) return undefined;
  return {
    name: "the given store",
    endpoint: INGOT_TEST_S3_ENDPOINT,
    accessKeyId: INGOT_TEST_S3_ACCESS_KEY,
    secretAccessKey: INGOT_TEST_S3_SECRET_KEY,
  };
}

async function minioOnPath(stops: (() => Promise<unknown>)[]): Promise<S3Server | undefined> {
  if (!isOnPath("minio")) return undefined;
  const { folder, port } = await place(stops);
  return (await startMinio({ folder, port, ...newKeys() }, stops)).server;
}

export interface MinioOptions extends Pick<S3Server, "accessKeyId" | "secretAccessKey"> {
  folder: string;
  port: number;
}

/** Starts the `minio` on the PATH. Started again on the same folder it has what it had. @param stops gets what ends it */
export async function startMinio(
  { folder, port, accessKeyId, secretAccessKey }: MinioOptions,
  stops: (() => Promise<unknown>)[],
): Promise<{ server: S3Server; process: ChildProcess }> {
  const args = ["server", folder, "--quiet", "--address", `127.0.0.1:${port}`];
  const env = { MINIO_ROOT_USER: accessKeyId, MINIO_ROOT_PASSWORD: secretAccessKey, MINIO_BROWSER: "off" };
  const endpoint = `http://127.0.0.1:${port}`;
  const process = await started("minio", args, env, `${endpoint}/minio/health/ready`, stops);
  return { server: { name: "MinIO", endpoint, accessKeyId, secretAccessKey }, process };
}

/** A MinIO of a test's own, where it may make users; `undefined` where `minio` or `mc` is not on the PATH. */
export async function ownMinio(): Promise<{ server: S3Server; stop(): Promise<void> } | undefined> {
  const stops: (() => Promise<unknown>)[] = [];
  const server = isOnPath("mc") ? await minioOnPath(stops) : undefined;
  return server && { server, stop: () => stopAll(stops) };
}

async function versityOnPath(stops: (() => Promise<unknown>)[]): Promise<S3Server | undefined> {
  if (!isOnPath("versitygw")) return undefined;
  const keys = newKeys();
  const { folder, port } = await place(stops);
  mkdirSync(path.join(folder, "data"));
  const args = [
    "--port",
    `127.0.0.1:${port}`,
    "--health",
    "/health",
    "--quiet",
    "posix",
    path.join(folder, "data"),
  ];
  const env = { ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey };
  const endpoint = `http://127.0.0.1:${port}`;
  await started("versitygw", args, env, `${endpoint}/health`, stops);
  return { name: "VersityGW", endpoint, ...keys };
}

async function minioInContainer(
  stops: (() => Promise<unknown>)[],
  reasons: string[],
): Promise<S3Server | undefined> {
  const keys = newKeys();
  try {
    // Loaded here only: it is large, and most runs do not need it.
    const { GenericContainer, Wait } = await import("testcontainers");
    const container = await new GenericContainer(IMAGE)
      .withCommand(["server", "/data"])
      .withEnvironment({ MINIO_ROOT_USER: keys.accessKeyId, MINIO_ROOT_PASSWORD: keys.secretAccessKey })
      .withExposedPorts(9000)
      .withWaitStrategy(Wait.forHttp("/minio/health/ready", 9000))
      .start();
    stops.push(() => container.stop());
    const endpoint = `http://${container.getHost()}:${container.getMappedPort(9000)}`;
    return { name: "MinIO in a container", endpoint, ...keys };
  } catch (error) {
    reasons.push(`Docker: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

export function isOnPath(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

export function newKeys(): { accessKeyId: string; secretAccessKey: string } {
  return {
    accessKeyId: `root${randomBytes(4).toString("hex")}`,
    secretAccessKey: randomBytes(16).toString("hex"),
  };
}

/** An empty folder, removed at the end, and a free port. */
async function place(stops: (() => Promise<unknown>)[]): Promise<{ folder: string; port: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-s3-"));
  stops.push(async () => rmSync(folder, { recursive: true, force: true }));
  return { folder, port: await freePort() };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function started(
  program: string,
  args: string[],
  env: Record<string, string>,
  health: string,
  stops: (() => Promise<unknown>)[],
): Promise<ChildProcess> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  // Before the folder that was pushed earlier is removed.
  stops.unshift(() => ended(child));
  const end = Date.now() + START_MS;
  while (!(await answers(health))) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`${program} did not start: ${output}`);
    await delay(50);
  }
  return child;
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}
