import { createReadStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { IngotError, JSON_TYPE, jsonBytes, type ObjectStore, sha256Of } from "@ingot/common";
import type { DuckDbSession } from "../duckdb/duckdb.ts";
import type { Deliverable } from "./deliverable.ts";
import type { Pipeline } from "./pipeline.ts";
import { readPipelineManifest } from "./pipeline-manifest.ts";
import type { RunOptions } from "./run-options.ts";
import {
  type DeliveredFile,
  latestFolder,
  monthFolder,
  PIPELINE_MANIFEST,
  type PipelineManifest,
} from "./run-record.ts";

export interface Publication {
  options: RunOptions;
  session: DuckDbSession;
  run: string;
  month: string | undefined;
  /** Of all that the deliverables are made of. */
  fingerprint: string;
  /** Makes tables what their names mean in queries. */
  show(tables: readonly string[]): Promise<void>;
}

/**
 * Publishes a pipeline's deliverables: all of them into history, then into their folder, then the manifest. Nothing where
 * what lies there was made of the same.
 *
 * @returns the keys of what was published
 */
export async function publish(pipeline: Pipeline, publication: Publication): Promise<string[]> {
  const { month, run, fingerprint, options } = publication;
  const { gold } = options.lake;
  const folders = await foldersOf(pipeline, month, gold);
  const stale = [];
  for (const folder of folders) {
    if (!(await isThere(pipeline, folder, fingerprint, gold))) stale.push(folder);
  }
  if (stale.length === 0) return [];
  const work = path.join(publication.session.folder, "deliverables");
  await mkdir(work, { recursive: true });
  try {
    const files: Record<string, DeliveredFile> = {};
    for (const deliverable of pipeline.deliverables) {
      const key = `${pipeline.name}/history/${run}/${month === undefined ? "" : `month=${month}/`}${deliverable.file}`;
      files[deliverable.file] = {
        key,
        ...(await deliver(deliverable, path.join(work, deliverable.file), publication)),
      };
    }
    const put = async (deliverable: Deliverable, key: string): Promise<void> => {
      options.signal.throwIfAborted();
      const { contentType, file } = deliverable;
      await gold.write(key, createReadStream(path.join(work, file)), { contentType });
    };
    for (const deliverable of pipeline.deliverables) await put(deliverable, files[deliverable.file]!.key);
    const published: string[] = [];
    for (const folder of stale) {
      for (const deliverable of pipeline.deliverables) {
        const key = `${folder}${deliverable.file}`;
        await put(deliverable, key);
        published.push(key);
      }
    }
    const published_at = options.clock.now().toISOString();
    const about = month === undefined ? {} : { month };
    const manifest: PipelineManifest = {
      pipeline: pipeline.name,
      run,
      published_at,
      ...about,
      fingerprint,
      files,
    };
    for (const folder of stale) {
      await gold.write(`${folder}${PIPELINE_MANIFEST}`, jsonBytes(manifest), JSON_TYPE);
    }
    return published;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Where the deliverables belong: a month's in its own folder, and among the newest where no later month is there. */
async function foldersOf(
  { name }: Pipeline,
  month: string | undefined,
  gold: ObjectStore,
): Promise<string[]> {
  const latest = latestFolder(name);
  if (month === undefined) return [latest];
  const manifest = await readPipelineManifest(gold, `${latest}${PIPELINE_MANIFEST}`);
  const isNewest = manifest?.month === undefined || manifest.month <= month;
  return isNewest ? [monthFolder(name, month), latest] : [monthFolder(name, month)];
}

/** True where a folder has all deliverables, made of the same. */
async function isThere(
  { deliverables }: Pipeline,
  folder: string,
  fingerprint: string,
  gold: ObjectStore,
): Promise<boolean> {
  const manifest = await readPipelineManifest(gold, `${folder}${PIPELINE_MANIFEST}`);
  if (manifest?.fingerprint !== fingerprint) return false;
  const sizes = new Map<string, number>();
  for await (const { key, size } of gold.list({ prefix: folder })) sizes.set(key, size);
  return deliverables.every(({ file }) => {
    const size = sizes.get(`${folder}${file}`);
    return size !== undefined && size === manifest.files[file]?.bytes;
  });
}

async function deliver(
  deliverable: Deliverable,
  file: string,
  { session, options, month, show }: Publication,
): Promise<Omit<DeliveredFile, "key">> {
  const { signal, currency } = options;
  await show(deliverable.from);
  const { rows } = await deliverable.write({
    path: file,
    query: (sql) => session.query(sql, { signal }),
    run: (sql) => session.run(sql, { signal }),
    currency,
    month,
    signal,
  });
  const info = await stat(file).catch((cause: unknown) => {
    throw new IngotError("kpi_failed", `${deliverable.file} was not written.`, { cause });
  });
  const sha256 = await sha256Of(createReadStream(file));
  return { sha256, bytes: info.size, ...(rows === undefined ? {} : { rows }) };
}
