import {
  type Alarms,
  type Clock,
  type Logger,
  type ObjectInfo,
  type ObjectStore,
  readAll,
  SCHEMAS_FOLDER,
} from "@ingot/common";
import {
  changesOf,
  type Dataset,
  type DatasetName,
  Evidence,
  firstSchemaKey,
  KnownSchema,
  learntOf,
  type SampledSchema,
  type StoredSchema,
  schemaFields,
  schemaFromJson,
  schemaKey,
  schemasPrefix,
  schemaToJson,
  UsualSchemas,
  type Weighed,
} from "@ingot/pipelines";

export interface SchemaWatch {
  /**
   * Compares an object with the others of its dataset, and tells what has changed, once for all cleaners.
   *
   * @throws IngotError of the storage
   */
  look(dataset: Dataset, object: Pick<ObjectInfo, "key" | "etag">, schema: SampledSchema): Promise<void>;
  /**
   * Ends alarms that have lasted long enough.
   *
   * @throws IngotError of the storage
   */
  calm(): Promise<void>;
}

/** How the alarms about changes begin; the rest is where the schema lies. */
const ALARM = "schema/";

/** An alarm about files that have changed lasts so long: whoever looks once a day sees it. */
const ALARM_MS = 24 * 60 * 60_000;

/** A dataset whose files have changed so often always changes; each time would be told, and stored. */
const MOST_SCHEMAS = 200;

/** What a cleaner knows of a dataset's files. */
interface Watched {
  known: KnownSchema;
  evidence: Evidence;
  usual: UsualSchemas;
  /** Stored schemas that were read. */
  read: Set<string>;
  /** What is new in a file is looked at one file after the other, so that it is told once. */
  turn: Promise<unknown>;
}

/** Notices that the files of a dataset have changed. What is known lies in silver; it is asked for only where a file differs. */
export function createSchemaWatch({
  silver,
  clock,
  logger,
  alarms,
}: {
  silver: ObjectStore;
  clock: Clock;
  logger: Logger;
  alarms: Alarms;
}): SchemaWatch {
  const datasets = new Map<DatasetName, Watched>();
  /** When each alarm is over, by id. */
  const lasting = new Map<string, number>();

  const watchedOf = (dataset: Dataset): Watched => {
    let watched = datasets.get(dataset.name);
    if (!watched) {
      watched = {
        known: new KnownSchema(),
        evidence: new Evidence(dataset),
        usual: new UsualSchemas(),
        read: new Set(),
        turn: Promise.resolve(),
      };
      datasets.set(dataset.name, watched);
    }
    return watched;
  };

  /** Reads the schemas that other cleaners have stored, the first one first: it says which fields there have to be. */
  const learn = async (dataset: Dataset, { known, read }: Watched): Promise<void> => {
    const keys: string[] = [];
    for await (const { key } of silver.list({ prefix: schemasPrefix(dataset.name) })) {
      if (!read.has(key)) keys.push(key);
    }
    const first = firstSchemaKey(dataset.name);
    for (const key of keys.sort((a, b) => Number(b === first) - Number(a === first))) {
      const schema = schemaFromJson((await readAll(silver, key)).toString("utf8"));
      if (schema) known.add(schema);
      else logger.warn({ key }, "no schema that this version can read, left alone");
      read.add(key);
    }
  };

  const tell = (key: string, { object, at, changes }: StoredSchema): void => {
    const id = alarmOf(key);
    alarms.raise({
      id,
      severity: "warn",
      title: `${object.key}: ${changes.join("; ")}`,
      details:
        "Columns that Ingot does not know are left out, and those that are missing count as empty. " +
        "`ingot quarantine list` shows what had to be rejected for it.",
    });
    lasting.set(id, Date.parse(at) + ALARM_MS);
  };

  /** Stores what is new, and tells it where nobody else has. */
  const settle = async (
    dataset: Dataset,
    object: Pick<ObjectInfo, "key" | "etag">,
    schema: SampledSchema,
    weighed: Weighed,
    watched: Watched,
  ): Promise<void> => {
    const { known, read } = watched;
    if (read.size >= MOST_SCHEMAS) return;
    await learn(dataset, watched);
    const { told, news } = changesOf(dataset, schema, weighed, known);
    const isFirst = known.isEmpty && schema.isReadable;
    if (isFirst && schema.records === 0) return;
    const learnt = news.length === 0 ? learntOf(weighed, known) : [];
    if (!isFirst && news.length === 0 && learnt.length === 0) return;
    const key = isFirst
      ? firstSchemaKey(dataset.name)
      : schemaKey(dataset.name, news.length > 0 ? news : learnt);
    const stored: StoredSchema = {
      dataset: dataset.name,
      format: schema.format,
      fields: schema.isReadable ? schemaFields(dataset, schema, weighed, known) : [],
      object: { key: object.key, etag: object.etag },
      at: clock.now().toISOString(),
      changes: told,
    };
    const { created } = await silver.write(key, Buffer.from(schemaToJson(stored)), {
      ifAbsent: true,
      contentType: "application/json",
    });
    // Somebody was faster; unless what lies there cannot be read.
    if (isFirst && !created && !read.has(key)) return settle(dataset, object, schema, weighed, watched);
    known.add(stored);
    read.add(key);
    if (read.size === MOST_SCHEMAS) {
      logger.warn(
        { dataset: dataset.name },
        `files changed their shape ${MOST_SCHEMAS} times: it is told no more`,
      );
    }
    if (created && told.length > 0) tell(key, stored);
  };

  return {
    look: async (dataset, object, schema) => {
      const watched = watchedOf(dataset);
      const { known, evidence, usual } = watched;
      if (evidence.isEmpty && usual.has(schema, known)) return;
      const weighed = evidence.weigh(schema, known.isEmpty ? dataset.bronzeFields : known.required);
      const isNew = (): boolean =>
        known.isEmpty ||
        changesOf(dataset, schema, weighed, known).news.length > 0 ||
        learntOf(weighed, known).length > 0;
      if (!isNew()) {
        if (evidence.isEmpty) usual.add(schema);
        return;
      }
      const turn = watched.turn.then(() =>
        isNew() ? settle(dataset, object, schema, weighed, watched) : undefined,
      );
      watched.turn = turn.catch(() => undefined);
      await turn;
    },
    calm: async () => {
      for (const { id } of alarms.active()) {
        if (!id.startsWith(ALARM)) continue;
        const until = lasting.get(id) ?? (await endOf(silver, id));
        lasting.set(id, until);
        if (clock.now().getTime() < until) continue;
        alarms.clear(id);
        lasting.delete(id);
      }
    },
  };
}

const alarmOf = (key: string): string => ALARM + key.slice(SCHEMAS_FOLDER.length, -".json".length);

/** When an alarm of an earlier process is over, in milliseconds since 1970; 0 where its schema is gone. */
async function endOf(silver: ObjectStore, alarm: string): Promise<number> {
  const key = `${SCHEMAS_FOLDER}${alarm.slice(ALARM.length)}.json`;
  const schema = (await silver.stat(key)) && schemaFromJson((await readAll(silver, key)).toString("utf8"));
  return schema ? Date.parse(schema.at) + ALARM_MS : 0;
}
