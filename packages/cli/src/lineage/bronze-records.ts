import { type ObjectStore, type Settings, splitKey } from "@ingot/common";
import { ContentReader, type GzipReport, inflated, type RawRecord } from "@ingot/engine";
import { Cells, type RecordSink, type RecordSource } from "@ingot/engine/records";
import {
  createRuleContext,
  ECOMMERCE,
  type RejectReason,
  type RuleContext,
  SilverRows,
} from "@ingot/pipelines";

/** A record of a bronze object, as it stands there, and what the rules make of it. */
export interface BronzeRecord {
  /** `line 12` or `index 3`. */
  place: string;
  raw: string;
  outcome: CleanOutcome;
}

export type CleanOutcome =
  | {
      /** The silver row. */
      row: string;
      /** Of several with one id the one with the greatest version stays, by the first number, then the second. */
      version: readonly [number, number];
    }
  | { reason: RejectReason };

export type BronzeState =
  /** The object is gone: somebody deleted it, or its time was over. */
  | { kind: "gone" }
  /** The object, and the records of the order in it. */
  | { kind: "there"; etag: string; records: BronzeRecord[] };

const ORDERS = ECOMMERCE.sources.orders;
const ORDER_ID = ORDERS.bronzeFields.indexOf("order_id");

/**
 * The raw records of an order in a bronze object, found as the cleaner reads them: escaped ids, numbers, CSV.
 *
 * @throws IngotError of the storage
 */
export async function bronzeRecords(
  bronze: ObjectStore,
  key: string,
  orderId: string,
  settings: Pick<Settings, "businessTimezone">,
): Promise<BronzeState> {
  if (!(await bronze.stat(key))) return { kind: "gone" };
  const { etag, body } = await bronze.read(key);
  const context = createRuleContext({ ...settings, emailHashKey: undefined });
  const found = new RecordsOf(orderId, context);
  const gzip: GzipReport = {};
  const options = { name: splitKey(key).base, knownFields: ORDERS.bronzeFields };
  const content = new ContentReader(options, true, found);
  for await (const chunk of inflated(body, gzip)) {
    content.push(chunk);
    if (content.unreadable) break;
  }
  if (!content.unreadable) content.finish(gzip.damage);
  const records = found.records.map(({ position, ...record }) => ({
    place: `${content.unit} ${position}`,
    ...record,
  }));
  return { kind: "there", etag, records };
}

class RecordsOf implements RecordSink {
  readonly records: (Omit<BronzeRecord, "place"> & { position: number })[] = [];
  readonly #orderId: string;
  readonly #context: RuleContext;
  readonly #cells = new Cells(ORDERS.bronzeFields.length);

  constructor(orderId: string, context: RuleContext) {
    this.#orderId = orderId;
    this.#context = context;
  }

  values(values: Cells, position: number, source: RecordSource): void {
    if (values.text(ORDER_ID).trim() !== this.#orderId) return;
    const rows = new SilverRows();
    const reason = ORDERS.rule(values, rows, this.#context);
    if (reason === undefined) rows.csv.endRow();
    const row = rows.bytes.toString("utf8");
    const outcome =
      reason === undefined ? { row, version: [rows.version, rows.subversion] as const } : { reason };
    this.records.push({ position, raw: source.raw, outcome });
  }

  record(fields: Readonly<Record<string, unknown>>, place: RawRecord["place"], raw: string): void {
    this.#cells.set(ORDERS.bronzeFields.map((name) => fields[name]));
    this.values(this.#cells, "line" in place ? place.line : place.index, { raw });
  }

  /** Pieces that are no records name no order; quarantine has them. */
  reject(): void {}
}
