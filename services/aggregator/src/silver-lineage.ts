import type { ObjectMetadata } from "@ingot/common";
import type { SilverRecord } from "@ingot/pipelines";
import type { Warehouse } from "@ingot/warehouse";

/** The state of a warehouse, and the silver that is in it. */
export interface SilverState {
  /** As `Warehouse.revision` answers it. */
  revision: string;
  silver: SilverRecord;
}

const NOTHING: SilverRecord = { objects: 0, through: 0, ingested_at: "", generation: "" };

/**
 * Makes a function that answers the warehouse's state and what is in it, both of one instant. It looks at those objects
 * only that came since it was called last, so that a tick does not count the whole history.
 *
 * @throws as `Warehouse.query` does
 */
export function createSilverStates(warehouse: Pick<Warehouse, "query">): () => Promise<SilverState> {
  let known = NOTHING;
  const since = async ({ objects, through, ingested_at }: SilverRecord): Promise<SilverState> => {
    const { rows } = await warehouse.query(stateSql(through));
    const [generation, revision, added, last, at] = rows[0]!;
    const silver = {
      objects: objects + Number(added),
      through: Math.max(through, Number(last)),
      ingested_at: String(at) > ingested_at ? String(at) : ingested_at,
      generation: String(generation),
    };
    return { revision: `${generation}.${revision}`, silver };
  };
  return async () => {
    const state = await since(known);
    const isSame = state.silver.generation === known.generation || known === NOTHING;
    const answer = isSame ? state : await since(NOTHING);
    known = answer.silver;
    return answer;
  };
}

/** One statement, so that all of it is of one instant. */
const stateSql = (through: number): string => `
SELECT (SELECT value FROM meta WHERE name = 'generation'), (SELECT value FROM meta WHERE name = 'revision'),
  count(*), coalesce(max(id), 0), coalesce(max(ingested_at), '')
FROM objects WHERE id > ${through}`;

const NAMES = ["objects", "through", "ingested_at", "generation"] as const;

/** The record as metadata of a version in gold. */
export function silverToMetadata(silver: SilverRecord): ObjectMetadata {
  return Object.fromEntries(NAMES.map((name) => [`silver_${name}`, String(silver[name])]));
}

/** The inverse of `silverToMetadata`; `undefined` for what an older version of Ingot wrote, or somebody else. */
export function silverFromMetadata(metadata: ObjectMetadata): SilverRecord | undefined {
  const [objects, through, ingestedAt, generation] = NAMES.map((name) => metadata[`silver_${name}`]);
  const isWhole = (text: string | undefined): boolean => /^\d{1,15}$/.test(text ?? "");
  if (!isWhole(objects) || !isWhole(through) || ingestedAt === undefined || generation === undefined)
    return undefined;
  return { objects: Number(objects), through: Number(through), ingested_at: ingestedAt, generation };
}
