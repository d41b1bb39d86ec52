import { IngotError, type ObjectStore } from "@ingot/common";
import { deflated, type GzipReport, inflated } from "@ingot/engine";
import { createRuleContext, type DatasetName, datasetOfBronze, type RuleOptions } from "@ingot/pipelines";
import { type Forgotten, type Person, PersonText, withoutPerson } from "@ingot/pipelines/forgetting";

/** A person, and all that it takes to find and to take out what is theirs. */
export interface Search {
  person: Person;
  text: PersonText;
  context: ReturnType<typeof createRuleContext>;
}

export function searchFor(person: Person, options: RuleOptions): Search {
  return { person, text: new PersonText(person), context: createRuleContext(options) };
}

/** False only for a body that certainly does not name the person, compressed or not. It is read as far as it takes. */
export async function mayNamePerson(
  body: AsyncIterable<Uint8Array>,
  text: PersonText,
  isNamed: (bytes: Buffer) => boolean = (bytes) => text.mayName(bytes),
): Promise<boolean> {
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of inflated(body, {})) {
    const bytes = tail.length === 0 ? asBuffer(chunk) : Buffer.concat([tail, chunk]);
    if (isNamed(bytes)) return true;
    tail = bytes.subarray(Math.max(0, bytes.length - text.reach));
  }
  return false;
}

const asBuffer = (chunk: Uint8Array): Buffer => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

/**
 * What there is of the person in a bronze object's body.
 *
 * @throws IngotError `incomplete` where it cannot be taken out
 */
export async function countInBody(
  body: AsyncIterable<Uint8Array>,
  key: string,
  { person, text, context }: Search,
): Promise<Forgotten> {
  const forgotten = noForgotten();
  const dataset = datasetOf(key);
  for await (const _ of withoutPerson(body, { key, dataset, person, text, context }, {}, forgotten));
  return forgotten;
}

const noForgotten = (): Forgotten => ({ records: 0, pieces: 0, left: 0 });

const datasetOf = (key: string): DatasetName => datasetOfBronze(key)!.name;

/** So often is an object read again that somebody writes to meanwhile. */
const ATTEMPTS = 5;

class Unchanged extends Error {}

/**
 * Takes the person out of a bronze object. Nothing is written where there is nothing of them, or the object is gone.
 *
 * @throws IngotError `object_changed` where somebody writes to it again and again; `incomplete`; of the storage
 */
export async function rewriteObject(bronze: ObjectStore, key: string, search: Search): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      if (await rewriteOnce(bronze, key, search)) return;
    } catch (error) {
      if (error instanceof Unchanged) return;
      const code = error instanceof IngotError ? error.code : "";
      if (code === "object_missing") return;
      if (code !== "object_changed") throw error;
    }
  }
  throw new IngotError(
    "object_changed",
    `${key} is written to all the time. Stop who does so, and run it again.`,
    {
      context: { layer: "bronze", key },
    },
  );
}

async function rewriteOnce(
  bronze: ObjectStore,
  key: string,
  { person, text, context }: Search,
): Promise<boolean> {
  const { etag, metadata, body } = await bronze.read(key);
  const gzip: GzipReport = {};
  const forgotten = noForgotten();
  const rewritten = withoutPerson(
    body,
    { key, dataset: datasetOf(key), person, text, context },
    gzip,
    forgotten,
  );
  const checked = (async function* () {
    yield* deflated(rewritten, gzip);
    if (forgotten.records + forgotten.pieces === 0) throw new Unchanged();
    // Not every store looks by itself.
    if ((await bronze.stat(key))?.etag !== etag) throw new IngotError("object_changed", `${key} changed.`);
  })();
  const { created } = await bronze.write(key, checked, { metadata, ifMatch: etag });
  return created;
}
