import { randomUUID } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { Answer, Behaviour, Conduct, Place, Verdicts } from "../store-probe.ts";
import { asked } from "./ask.ts";
import { fromHeaders, toHeaders } from "./metadata.ts";

const BODY = Buffer.from("Ingot doctor was here");
const METADATA = { note: "Zoë, 東京, 100 %", rows_read: "1" };
/** Writers that race for one key. */
const RACERS = 4;

interface Target {
  Bucket: string;
  Key: string;
}

/** @see StoreProbe.behaviour */
export async function probeBehaviour(client: S3Client, place: Place, rights: Verdicts): Promise<Behaviour> {
  const target = { Bucket: place.bucket, Key: `${place.prefix}ingot-doctor/${randomUUID()}` };
  const canList = rights.list === "granted";
  const canRead = rights.read === "granted";
  /** Versions that came into being, where the bucket has versions against all expectation. */
  const versions = new Set<string>();
  const behaviour: Omit<Behaviour, "leftBehind"> = {
    conditionalPut: undefined,
    conditionalComplete: undefined,
    listing: undefined,
    metadata: undefined,
    range: undefined,
  };
  try {
    behaviour.conditionalPut = await tryPut(client, target, versions);
    if (behaviour.conditionalPut?.ok) {
      behaviour.conditionalComplete = await tryParts(client, target, versions);
      if (canList) behaviour.listing = await tryListing(client, target);
      if (canRead) behaviour.metadata = await tryMetadata(client, target);
      if (canRead) behaviour.range = await tryRange(client, target);
    }
  } finally {
    await remove(client, target, versions);
  }
  const isLeft = canList && (await isListed(client, target)) === true;
  return { ...behaviour, leftBehind: isLeft ? [target.Key] : [] };
}

async function tryPut(client: S3Client, target: Target, versions: Set<string>): Promise<Conduct> {
  const put = async () => {
    const request = { ...target, Body: BODY, IfNoneMatch: "*", Metadata: toHeaders(METADATA) };
    const answer = await asked((options) => client.send(new PutObjectCommand(request), options));
    remember(answer, versions);
    return answer;
  };
  const racing = await Promise.all(Array.from({ length: RACERS }, put));
  const after = await put();
  const won = racing.filter(({ ok }) => ok).length;
  if (after.ok) return { ok: false, detail: "a second write of the same name replaced the first" };
  if (won === 0) return refused(racing[0]!);
  if (won > 1) return { ok: false, detail: `${won} of ${RACERS} writers at the same time all succeeded` };
  return isRefusedAsPresent(after)
    ? { ok: true, detail: `of ${RACERS} writers at the same time one succeeded, and no later one` }
    : refused(after);
}

async function tryParts(client: S3Client, target: Target, versions: Set<string>): Promise<Conduct> {
  const begun = await asked((options) => client.send(new CreateMultipartUploadCommand(target), options));
  if (!begun.ok) return refused(begun);
  const upload = { ...target, UploadId: begun.value.UploadId };
  let isCompleted = false;
  try {
    const part = await asked((options) =>
      client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: BODY }), options),
    );
    if (!part.ok) return refused(part);
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: part.value.ETag }] };
    const complete = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload, IfNoneMatch: "*" });
    const completed = await asked((options) => client.send(complete, options));
    remember(completed, versions);
    isCompleted = completed.ok;
    if (completed.ok) return { ok: false, detail: "an upload in parts replaced an object of the same name" };
    return isRefusedAsPresent(completed)
      ? { ok: true, detail: "an upload in parts is refused when it is completed" }
      : refused(completed);
  } finally {
    const abort = new AbortMultipartUploadCommand(upload);
    if (!isCompleted) await asked((options) => client.send(abort, options));
  }
}

async function tryListing(client: S3Client, target: Target): Promise<Conduct> {
  const found = await isListed(client, target);
  if (found === undefined) return undefined;
  return found
    ? { ok: true, detail: "a new object is listed at once" }
    : { ok: false, detail: "an object that was just written is not listed" };
}

async function tryMetadata(client: S3Client, target: Target): Promise<Conduct> {
  const head = await asked((options) => client.send(new HeadObjectCommand(target), options));
  if (!head.ok) return refused(head);
  const found = fromHeaders(head.value.Metadata);
  const isSame = Object.entries(METADATA).every(([name, value]) => found[name] === value);
  return isSame
    ? { ok: true, detail: "metadata comes back as written" }
    : { ok: false, detail: `metadata comes back changed: ${JSON.stringify(found)}` };
}

async function tryRange(client: S3Client, target: Target): Promise<Conduct> {
  const request = new GetObjectCommand({ ...target, Range: "bytes=6-11" });
  const part = await asked(async (options) => {
    const { Body, ContentRange } = await client.send(request, options);
    return { text: await Body?.transformToString(), ContentRange };
  });
  if (!part.ok) return refused(part);
  return part.value.text === "doctor" && part.value.ContentRange !== undefined
    ? { ok: true, detail: "a part of an object can be read" }
    : { ok: false, detail: "the whole object came where a part of it was asked for" };
}

async function isListed(client: S3Client, { Bucket, Key }: Target): Promise<boolean | undefined> {
  const list = new ListObjectsV2Command({ Bucket, Prefix: Key, MaxKeys: 1 });
  const answer = await asked((options) => client.send(list, options));
  return answer.ok ? (answer.value.Contents ?? []).length > 0 : undefined;
}

/** Each version by its name, which leaves no delete marker; else the object. */
async function remove(client: S3Client, target: Target, versions: ReadonlySet<string>): Promise<void> {
  const named = versions.size > 0 ? [...versions].map((VersionId) => ({ VersionId })) : [{}];
  for (const version of named) {
    const command = new DeleteObjectCommand({ ...target, ...version });
    const deleted = await asked((options) => client.send(command, options));
    if (!deleted.ok) await asked((options) => client.send(command, options));
  }
}

function remember(answer: Answer<{ VersionId?: string | undefined }>, versions: Set<string>): void {
  if (answer.ok && answer.value.VersionId !== undefined) versions.add(answer.value.VersionId);
}

/** 412: it is there. 409: another writer is at it. */
function isRefusedAsPresent(answer: Answer<unknown>): boolean {
  return !answer.ok && (answer.status === 412 || answer.status === 409);
}

function refused(answer: Answer<unknown>): Conduct {
  return answer.ok ? undefined : { ok: false, detail: `the store refuses it (${answer.code})` };
}
