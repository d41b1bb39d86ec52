import { randomUUID } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { S3Access } from "../../lake-location.ts";
import type { Right } from "../roles.ts";
import type { Answer, Behaviour, Place, StoreProbe, Verdict, Verdicts } from "../store-probe.ts";
import { asked } from "./ask.ts";
import { probeBehaviour } from "./behaviour.ts";
import { createS3Client } from "./client.ts";

/** S3 keys have at most 1024 bytes, and no file system takes such a name. */
const IMPOSSIBLE_NAME = "x".repeat(1100);
/** An MD5 that no body of ours has: an upload that carries it must be refused. */
const WRONG_MD5 = Buffer.alloc(16).toString("base64");

/** The S3 side of `ingot doctor`. */
export class S3Probe implements StoreProbe {
  readonly #client: S3Client;
  /** Sends what it is given without a signature. */
  readonly #anonymous: S3Client;
  /** By bucket: whether the store looks at permissions before it looks at a key's length. */
  readonly #asksRightsFirst = new Map<string, Promise<boolean>>();

  constructor(access: S3Access) {
    this.#client = createS3Client(access);
    this.#anonymous = createS3Client({ ...access, accessKeyId: "nobody", secretAccessKey: "nobody" });
    this.#anonymous.config.signer = async () => ({ sign: async (request) => request });
  }

  async buckets(): Promise<Answer<string[]>> {
    const answer = await asked((options) => this.#client.send(new ListBucketsCommand(), options));
    if (!answer.ok) return answer;
    return { ok: true, value: (answer.value.Buckets ?? []).flatMap(({ Name }) => Name ?? []) };
  }

  canList(place: Place): Promise<Answer> {
    return listing(this.#client, place);
  }

  async versioning(bucket: string): Promise<Answer<string | undefined>> {
    const command = new GetBucketVersioningCommand({ Bucket: bucket });
    const answer = await asked((options) => this.#client.send(command, options));
    return answer.ok ? { ok: true, value: answer.value.Status } : answer;
  }

  async openToAll(place: Place): Promise<Right[]> {
    const [list, read, add] = await Promise.all([
      listing(this.#anonymous, place),
      this.#get(this.#anonymous, unused(place)),
      this.#put(this.#anonymous, impossible(place)),
    ]);
    const isTelling = await this.#tells(place);
    return [
      ...(list.ok ? (["list"] as const) : []),
      // Who may read is told that there is no such object.
      ...(!read.ok && read.code === "NoSuchKey" ? (["read"] as const) : []),
      ...(isTelling && verdictOf(add) === "granted" ? (["add"] as const) : []),
    ];
  }

  async rights(place: Place, isUnversioned: boolean): Promise<Verdicts> {
    const [list, isTelling] = await Promise.all([this.canList(place), this.#tells(place)]);
    const canList: Verdict = list.ok ? "granted" : list.status === 403 ? "denied" : "unknown";
    const [abort, add, read, remove] = await Promise.all([
      this.#mayAbort(place),
      isTelling ? this.#put(this.#client, impossible(place)).then(verdictOf) : this.#mayAddByUpload(place),
      isTelling
        ? this.#get(this.#client, impossible(place)).then(verdictOf)
        : this.#mayReadMissing(place, canList),
      isTelling ? this.#mayDelete(place) : this.#mayDeleteMissing(place, isUnversioned),
    ]);
    return { list: canList, abort, add, read, delete: remove };
  }

  behaviour(place: Place, rights: Verdicts): Promise<Behaviour> {
    return probeBehaviour(this.#client, place, rights);
  }

  close(): void {
    this.#client.destroy();
    this.#anonymous.destroy();
  }

  /**
   * What writes, reads or deletes under an impossible name can only fail, so it leaves nothing: no object, no upload and,
   * in a bucket with versions, no delete marker. Stores that look at permissions first (MinIO, VersityGW) answer 403
   * to those who lack the right and 400 to those who have it. Whether this one does shows when nobody asks.
   */
  #tells(place: Place): Promise<boolean> {
    const known = this.#asksRightsFirst.get(place.bucket);
    if (known) return known;
    const asking = this.#isAnybodyRefused(place);
    this.#asksRightsFirst.set(place.bucket, asking);
    return asking;
  }

  async #isAnybodyRefused(place: Place): Promise<boolean> {
    const command = new DeleteObjectCommand(impossible(place));
    const answers = await Promise.all([
      this.#put(this.#anonymous, impossible(place)),
      this.#get(this.#anonymous, impossible(place)),
      asked((options) => this.#anonymous.send(command, options)),
    ]);
    // One is enough: the others may be open to everybody.
    return answers.some((answer) => verdictOf(answer) === "denied");
  }

  #put(client: S3Client, target: Target): Promise<Answer<unknown>> {
    const upload = { ...target, Body: Buffer.from("Ingot doctor"), ContentMD5: WRONG_MD5 };
    return asked((options) => client.send(new PutObjectCommand(upload), options));
  }

  #get(client: S3Client, target: Target): Promise<Answer<unknown>> {
    return asked((options) => client.send(new GetObjectCommand(target), options));
  }

  async #mayDelete(place: Place): Promise<Verdict> {
    const command = new DeleteObjectCommand(impossible(place));
    return verdictOf(await asked((options) => this.#client.send(command, options)));
  }

  /** Breaking off an upload that does not exist: 404, or 204 from MinIO. */
  async #mayAbort(place: Place): Promise<Verdict> {
    const command = new AbortMultipartUploadCommand({ ...unused(place), UploadId: randomUUID() });
    return verdictOf(await asked((options) => this.#client.send(command, options)));
  }

  /** Begins an upload and breaks it off: only for those who may, else it would stay. */
  async #mayAddByUpload(place: Place): Promise<Verdict> {
    if ((await this.#mayAbort(place)) !== "granted") return "unknown";
    const target = unused(place);
    const begin = new CreateMultipartUploadCommand(target);
    const begun = await asked((options) => this.#client.send(begin, options));
    if (begun.ok) {
      const abort = new AbortMultipartUploadCommand({ ...target, UploadId: begun.value.UploadId });
      await asked((options) => this.#client.send(abort, options));
    }
    return verdictOf(begun);
  }

  /** To those who may not list, a missing object looks like one that they may not read. */
  async #mayReadMissing(place: Place, list: Verdict): Promise<Verdict> {
    const verdict = verdictOf(await this.#get(this.#client, unused(place)));
    return verdict === "denied" && list !== "granted" ? "unknown" : verdict;
  }

  /** In a bucket with versions, deleting what is not there can leave a delete marker. */
  async #mayDeleteMissing(place: Place, isUnversioned: boolean): Promise<Verdict> {
    if (!isUnversioned) return "unknown";
    const command = new DeleteObjectCommand(unused(place));
    return verdictOf(await asked((options) => this.#client.send(command, options)));
  }
}

async function listing(client: S3Client, { bucket, prefix }: Place): Promise<Answer> {
  const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 });
  const answer = await asked((options) => client.send(command, options));
  return answer.ok ? { ok: true, value: undefined } : answer;
}

interface Target {
  Bucket: string;
  Key: string;
}

const impossible = ({ bucket, prefix }: Place): Target => ({ Bucket: bucket, Key: prefix + IMPOSSIBLE_NAME });
const unused = ({ bucket, prefix }: Place): Target => ({
  Bucket: bucket,
  Key: `${prefix}ingot-doctor/${randomUUID()}`,
});

/** A store that refuses for another reason than permissions would have permitted it. */
function verdictOf(answer: Answer<unknown>): Verdict {
  if (answer.ok) return "granted";
  if (answer.status === 401 || answer.status === 403) return "denied";
  // Somebody should ask again, or elsewhere.
  if (answer.code === "NoSuchBucket" || [408, 409, 425, 429].includes(answer.status)) return "unknown";
  return answer.status >= 400 && answer.status < 500 ? "granted" : "unknown";
}
