import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Layer } from "@ingot/common";
import { S3Store } from "../../packages/common/src/storage/s3/store.ts";
import { freePort } from "../../packages/common/test/storage/s3-servers.ts";
import { REPOSITORY } from "../support.ts";

const run = promisify(execFile);
const MAX_OUTPUT = 64 * 1024 * 1024;

export interface Container {
  id: string;
  service: string;
  state: string;
  health: string;
}

/** A deployment of the compose file, from a copy of the repository as somebody who clones it has it. */
export interface Deployment {
  folder: string;
  /** `docker compose …`; its standard output. */
  compose(args: string, env?: Record<string, string>): Promise<string>;
  docker(...args: string[]): Promise<string>;
  containers(service: string): Promise<Container[]>;
  /** What `docker inspect` tells of a container. */
  inspect(id: string): Promise<Inspection>;
  /** A layer as the operator sees it from outside. */
  layer(layer: Layer): S3Store;
  secret(file: string): string;
  /** Where the dashboard is on this machine. */
  readonly dashboardPort: string;
  /** Copies bronze into a folder. */
  copyOfBronze(): Promise<string>;
  remove(): Promise<void>;
}

export interface Inspection {
  Config: { User: string; Env: string[] };
  HostConfig: { ReadonlyRootfs: boolean; CapAdd: string[] | null; CapDrop: string[] | null };
  NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> };
  State: { Pid: number; ExitCode: number; OOMKilled: boolean };
  RestartCount: number;
}

export async function createDeployment(options: Record<string, string>): Promise<Deployment> {
  const folder = mkdtempSync(path.join(tmpdir(), "ingot-compose-"));
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: REPOSITORY });
  for (const file of files.toString().split("\0").filter(Boolean)) {
    const source = path.join(REPOSITORY, file);
    if (existsSync(source)) cpSync(source, path.join(folder, file));
  }
  const ports = {
    STORE_PORT: String(await freePort()),
    CONSOLE_PORT: String(await freePort()),
    DASHBOARD_PORT: String(await freePort()),
  };
  const { PATH, HOME, DOCKER_HOST, DOCKER_CONFIG, MINIO_IMAGE } = process.env;
  const given = Object.entries({ DOCKER_HOST, DOCKER_CONFIG, MINIO_IMAGE }).filter(([, value]) => value);
  const base = { PATH, HOME, ...Object.fromEntries(given), ...ports, ...options };
  const project = `ingot-test-${randomBytes(3).toString("hex")}`;
  const docker = async (...args: string[]): Promise<string> =>
    (await run("docker", args, { cwd: folder, env: base, maxBuffer: MAX_OUTPUT })).stdout;
  const compose = async (args: string, env: Record<string, string> = {}): Promise<string> => {
    const command = ["compose", "--project-name", project, ...args.split(" ")];
    return (await run("docker", command, { cwd: folder, env: { ...base, ...env }, maxBuffer: MAX_OUTPUT }))
      .stdout;
  };
  const secret = (file: string): string =>
    readFileSync(path.join(folder, "infra/secrets", file), "utf8").trim();
  const stores: S3Store[] = [];
  const layer = (name: Layer): S3Store => {
    const access = {
      endpoint: `http://127.0.0.1:${ports.STORE_PORT}`,
      region: "us-east-1",
      forcePathStyle: true,
      accessKeyId: secret("operator/access_key"),
      secretAccessKey: secret("operator/secret_key"),
    };
    const store = new S3Store({ access, bucket: name });
    stores.push(store);
    return store;
  };
  return {
    folder,
    compose,
    docker,
    secret,
    dashboardPort: ports.DASHBOARD_PORT,
    layer,
    containers: async (service) => {
      const lines = (await compose(`ps --all --format json ${service}`)).trim().split("\n").filter(Boolean);
      return lines.map((line) => {
        const { ID: id, Service, State: state, Health: health } = JSON.parse(line);
        return { id, service: Service, state, health };
      });
    },
    inspect: async (id) => JSON.parse(await docker("inspect", id))[0],
    copyOfBronze: async () => {
      const target = mkdtempSync(path.join(folder, "bronze-"));
      const bronze = layer("bronze");
      for await (const { key } of bronze.list()) {
        const file = path.join(target, key);
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, Buffer.concat(await Array.fromAsync((await bronze.read(key)).body)));
      }
      return target;
    },
    remove: async () => {
      for (const store of stores) store.close();
      await compose("--profile tools down --volumes --timeout 5");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
