import { IngotError, inParallel, type Lake, splitKey } from "@ingot/common";
import { Cells, ContentReader, inflated, type RecordSink, readCsv } from "@ingot/engine";
import { DATASETS } from "@ingot/pipelines";
import { comparableEmail, emailHash, type Person, PersonText } from "@ingot/pipelines/forgetting";
import { mayNamePerson } from "./bronze.ts";
import { customersWithHash } from "./compacted.ts";
import { newPseudonym } from "./intention.ts";
import { type Listed, type ListedLake, PARALLEL } from "./listed-lake.ts";

/** Whom somebody asks to forget. */
export interface Subject {
  /** Without blanks around it; an e-mail address as it is compared. */
  text: string;
  isEmail: boolean;
}

/** An `@` makes an e-mail address, which may be an id as well. @throws IngotError `usage` */
export function subjectOf(given: string): Subject {
  const text = given.trim();
  const isEmail = text.includes("@");
  if (text !== "") return { text: isEmail ? comparableEmail(text) : text, isEmail };
  throw new IngotError("usage", "Name whom to forget: ingot forget <customer id | e-mail address>");
}

/** What is known of a person. */
interface Known {
  ids: Set<string>;
  emails: Set<string>;
  names: Set<string>;
}

export interface FindOptions {
  subject: Subject;
  emailHashKey: string | undefined;
  /** Of an attempt before, with its pseudonyms. */
  before: Person | undefined;
  signal: AbortSignal;
}

/**
 * All customers that an e-mail address belongs to, or the one that an id names, with every e-mail address and name that
 * they have in the raw files. Customers whose raw files are gone are found by the hash in silver.
 *
 * @throws IngotError of the storage
 */
export async function findPerson(lake: Lake, listed: ListedLake, options: FindOptions): Promise<Person> {
  const { subject, before, signal } = options;
  const known: Known = {
    // Some shops take the address for an id.
    ids: new Set([subject.text, ...(before?.customers ?? []).map(({ id }) => id)]),
    emails: new Set([...(subject.isEmail ? [subject.text] : []), ...(before?.emails ?? [])]),
    names: new Set(before?.names),
  };
  const customers = [...listed.bronze.values()].filter(({ dataset }) => dataset.name === "customers");
  if (subject.isEmail) await addHashed(lake, listed.orphans.silver, known, options);
  // Once more with the ids that an address has led to: they may have had other addresses.
  for (let ids = -1; known.ids.size !== ids; ) {
    ids = known.ids.size;
    await addRecords(lake, customers, known, options);
    signal.throwIfAborted();
    if (!subject.isEmail) break;
  }
  const pseudonyms = new Map(before?.customers.map(({ id, pseudonym }) => [id, pseudonym]));
  return {
    customers: [...known.ids].map((id) => ({ id, pseudonym: pseudonyms.get(id) ?? newPseudonym() })),
    emails: [...known.emails],
    names: [...known.names],
  };
}

const FIELDS = DATASETS.customers.bronzeFields;
const [ID, FIRST_NAME, LAST_NAME, EMAIL] = ["customer_id", "first_name", "last_name", "email"].map((name) =>
  FIELDS.indexOf(name),
) as [number, number, number, number];

/** Adds what customers' records tell that have an id which is known, or the address. */
async function addRecords(
  { bronze }: Lake,
  customers: readonly Listed[],
  known: Known,
  { subject, signal }: FindOptions,
): Promise<void> {
  const text = new PersonText(personOf(known));
  const take = (values: Cells): void => {
    const id = values.text(ID).trim();
    const email = comparableEmail(values.text(EMAIL));
    if (!known.ids.has(id) && !(subject.isEmail && email === subject.text)) return;
    if (id !== "") known.ids.add(id);
    if (email !== "") known.emails.add(email);
    for (const name of [values.text(FIRST_NAME).trim(), values.text(LAST_NAME).trim()])
      if (name !== "") known.names.add(name);
  };
  await inParallel(customers, PARALLEL, async ({ info: { key } }) => {
    signal.throwIfAborted();
    await unlessGone(async () => {
      if (await mayNamePerson((await bronze.read(key)).body, text)) {
        await readRecords(key, (await bronze.read(key)).body, take);
      }
    });
  });
}

async function readRecords(
  key: string,
  body: AsyncIterable<Uint8Array>,
  take: (values: Cells) => void,
): Promise<void> {
  const cells = new Cells(FIELDS.length);
  const sink: RecordSink = {
    values: take,
    record: (fields) => {
      cells.set(FIELDS.map((name) => fields[name]));
      take(cells);
    },
    reject: () => undefined,
  };
  const reader = new ContentReader({ name: splitKey(key).base, knownFields: FIELDS }, true, sink);
  for await (const chunk of inflated(body, {})) {
    if (!reader.unreadable) reader.push(chunk);
  }
  reader.finish();
}

/** Adds the ids of silver rows that have the hash of the address, where the raw files are gone. */
async function addHashed(
  { silver }: Lake,
  orphans: readonly Listed[],
  known: Known,
  { subject, emailHashKey, signal }: FindOptions,
): Promise<void> {
  const columns = DATASETS.customers.silverColumns;
  const [id, hash] = [columns.indexOf("customer_id"), columns.indexOf("email_h")];
  const wanted = emailHash(subject.text, emailHashKey);
  for (const found of await customersWithHash(silver, wanted, signal)) known.ids.add(found);
  const customers = orphans.filter(({ dataset }) => dataset.name === "customers");
  await inParallel(customers, PARALLEL, async ({ info: { key } }) => {
    signal.throwIfAborted();
    await unlessGone(async () => {
      for await (const batch of readCsv((await silver.read(key)).body, columns)) {
        for (const row of batch) if (row[hash] === wanted) known.ids.add(row[id]!);
      }
    });
  });
}

const personOf = ({ ids, emails, names }: Known): Person => ({
  customers: [...ids].map((id) => ({ id, pseudonym: "" })),
  emails: [...emails],
  names: [...names],
});

/** Awaits work on an object that somebody may take away meanwhile. */
export async function unlessGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof IngotError && error.code === "object_missing") return undefined;
    throw error;
  }
}
