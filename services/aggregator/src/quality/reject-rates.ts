import type { CheckResult } from "@ingot/engine/checks";
import type { IngestReport, Warehouse } from "@ingot/warehouse";

/** What was read and rejected of one or more objects. */
interface Share {
  read: number;
  rejected: number;
}

interface Recent extends Share {
  bronzeKey: string;
}

/** So many records, of whole objects, are what is looked at as recent; or so many objects. */
const RECENT_RECORDS = 1_000;
const RECENT_OBJECTS = 100;
/** Of fewer records nothing can be said. */
const LEAST_RECORDS = 20;
/** A rise by chance: so many standard deviations above what is usual, and some records. */
const DEVIATIONS = 5;
const BY_CHANCE = 3;
/** A rise that nobody would care about, as a multiple of the usual share and as a share. */
const LEAST_RISE = 2;
const LEAST_SHARE = 0.02;
/** One object of which so much is rejected is a matter of its own, unless that is usual. */
const BAD_OBJECT_SHARE = 0.5;

type Ingested = IngestReport["ingested"];

/**
 * Watches which share of the records of each dataset the cleaner rejects, and tells where it rises over what has been
 * usual: in all of the recent records, or in one object.
 */
export class RejectRates {
  readonly #usual = new Map<string, Share>();
  readonly #recent = new Map<string, Recent[]>();

  /** Begins with what the warehouse has, so that a restart forgets nothing. @throws IngotError of the warehouse */
  async begin(warehouse: Warehouse): Promise<void> {
    const sums = await warehouse.query(
      "select dataset, sum(read), sum(rejected) from objects where read > 0 group by dataset",
    );
    this.#usual.clear();
    this.#recent.clear();
    for (const [name, read, rejected] of sums.rows) {
      const dataset = String(name);
      const { rows } = await warehouse.query(newestObjects(dataset));
      const newest = rows.map(([bronzeKey, ...counts]) => ({
        bronzeKey: String(bronzeKey),
        ...shareFrom(counts),
      }));
      const all = shareFrom([read, rejected]);
      const recent = sumOf(newest);
      const before = { read: all.read - recent.read, rejected: all.rejected - recent.rejected };
      this.#usual.set(dataset, before);
      this.#recent.set(dataset, newest.reverse());
      this.#age(dataset);
    }
  }

  add(ingested: Ingested): void {
    for (const { dataset, bronzeKey, counts } of ingested) {
      const { read = 0, rejected = 0 } = counts;
      if (read === 0) continue;
      const recent = this.#recent.get(dataset) ?? [];
      this.#recent.set(dataset, [...recent, { bronzeKey, read, rejected }]);
      this.#age(dataset);
    }
  }

  results(): CheckResult[] {
    return [...this.#recent].flatMap(([dataset, recent]) => {
      const now = sumOf(recent);
      if (now.read < LEAST_RECORDS) return [];
      const usual = this.#usual.get(dataset) ?? { read: 0, rejected: 0 };
      const bad = recent.find((object) => isBad(object, usual));
      const isRise = bad !== undefined || isMuchMore(now, usual);
      return [result(dataset, bad ?? now, { usual, isRise, bronzeKey: bad?.bronzeKey })];
    });
  }

  /** What is no longer recent becomes usual. */
  #age(dataset: string): void {
    const recent = this.#recent.get(dataset)!;
    const usual = this.#usual.get(dataset) ?? { read: 0, rejected: 0 };
    this.#usual.set(dataset, usual);
    let { read } = sumOf(recent);
    while (
      recent.length > RECENT_OBJECTS ||
      (recent.length > 1 && read - recent[0]!.read >= RECENT_RECORDS)
    ) {
      const oldest = recent.shift()!;
      read -= oldest.read;
      usual.read += oldest.read;
      usual.rejected += oldest.rejected;
    }
  }
}

function result(
  dataset: string,
  found: Share,
  { usual, isRise, bronzeKey }: { usual: Share; isRise: boolean; bronzeKey: string | undefined },
): CheckResult {
  const where = bronzeKey === undefined ? "the newest" : bronzeKey;
  return {
    model: dataset,
    layer: "silver",
    check: "reject_rate",
    severity: "warn",
    status: isRise ? "fail" : "pass",
    failing: isRise ? found.rejected : 0,
    expected:
      usual.read === 0
        ? "less than half of the records rejected"
        : `about ${percent(usual)} rejected, as before`,
    actual: `${percent(found)} rejected, of ${found.read} records in ${where}`,
    query: `select bronze_key, read, rejected, reasons from objects where dataset = '${dataset}' order by id desc`,
    tookMs: 0,
  };
}

function isBad(object: Share, usual: Share): boolean {
  const isUsual = shareOf(usual) > BAD_OBJECT_SHARE / LEAST_RISE;
  return object.read >= LEAST_RECORDS && shareOf(object) >= BAD_OBJECT_SHARE && !isUsual;
}

/** True where chance does not explain it, and it is worth a look. */
function isMuchMore(now: Share, usual: Share): boolean {
  if (usual.read < RECENT_RECORDS) return shareOf(now) >= BAD_OBJECT_SHARE;
  const share = shareOf(usual);
  const byChance = now.read * share + DEVIATIONS * Math.sqrt(now.read * share * (1 - share)) + BY_CHANCE;
  return now.rejected > byChance && shareOf(now) >= Math.max(LEAST_SHARE, LEAST_RISE * share);
}

const newestObjects = (dataset: string): string => `
  select bronze_key, read, coalesce(rejected, 0) from objects where dataset = '${dataset}' and read > 0
  order by id desc limit ${RECENT_OBJECTS}`;

const shareFrom = ([read, rejected]: readonly unknown[]): Share => ({
  read: Number(read),
  rejected: Number(rejected ?? 0),
});

const shareOf = ({ read, rejected }: Share): number => (read === 0 ? 0 : rejected / read);
const percent = (share: Share): string => `${(100 * shareOf(share)).toFixed(1)} %`;

function sumOf(shares: readonly Share[]): Share {
  return shares.reduce<Share>(
    (sum, { read, rejected }) => ({ read: sum.read + read, rejected: sum.rejected + rejected }),
    { read: 0, rejected: 0 },
  );
}
