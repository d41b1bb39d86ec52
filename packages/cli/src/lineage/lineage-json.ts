import type { StoredCounts } from "@ingot/pipelines";
import { printableJson } from "../query/text-table.ts";
import type { GoldLineage } from "./gold-lineage.ts";
import type { ObjectLineage } from "./object-lineage.ts";
import type { OrderLineage } from "./order-lineage.ts";

/** JSON that also a terminal may be shown, whatever stands in raw records. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, undefined, 2).split("\n").map(printableJson).join("\n");
}

export function goldJson({ silver, origin, sqlNow, ...version }: GoldLineage): unknown {
  return {
    kpi: version.kpi,
    key: version.key,
    is_latest: version.isLatest,
    written_at: version.writtenAt,
    rows: version.rows,
    sha256: version.sha256,
    code_version: origin?.code_version ?? null,
    sql: origin?.sql ?? null,
    sql_now: sqlNow ?? null,
    silver_recorded: origin?.silver ?? null,
    silver: silver
      ? {
          basis: silver.basis,
          objects: silver.objects,
          rows: silver.rows,
          datasets: silver.byDataset,
          listed: silver.listed.map(({ silverKey, bronzeKey, dataset, rows, takenInAt }) => ({
            silver_key: silverKey,
            bronze_key: bronzeKey,
            dataset,
            rows,
            taken_in_at: takenInAt,
          })),
        }
      : null,
  };
}

export function orderJson({ orderId, versions, rejected }: OrderLineage): unknown {
  return {
    order_id: orderId,
    versions: versions.map(({ standing, origin, bronze, takenInAt, ...version }) => ({
      standing: standing.kind,
      silver: {
        key: version.silverKey,
        row: version.row,
        is_pruned: version.isPruned,
        values: version.values,
        ...countsJson(version.counts),
      },
      bronze: {
        key: version.bronzeKey,
        cleaned_etag: origin.bronzeEtag ?? null,
        ...(bronze.kind === "gone"
          ? { state: "gone", etag: null, records: [] }
          : {
              state: bronze.isChanged ? "changed" : "there",
              etag: bronze.etag,
              is_same_row: bronze.isSameRow,
              records: bronze.records.map(({ place, raw, fate }) => ({
                place,
                raw,
                fate: fate.kind,
                ...reasonOf(fate),
              })),
            }),
      },
      cleaned_at: origin.cleanedAt ?? null,
      code_version: origin.codeVersion ?? null,
      ...takenInJson(takenInAt),
    })),
    rejected: rejected.map(({ bronzeKey, quarantineKey, place, reason, detail, raw }) => ({
      bronze_key: bronzeKey,
      quarantine_key: quarantineKey,
      place,
      reason,
      ...(detail === undefined ? {} : { detail }),
      raw,
    })),
  };
}

export function objectJson({
  dataset,
  bronzeKey,
  bronze,
  silverKey,
  silver,
  ...rest
}: ObjectLineage): unknown {
  return {
    dataset,
    bronze: {
      key: bronzeKey,
      etag: bronze?.etag ?? null,
      bytes: bronze?.size ?? null,
      modified: bronze?.modified ?? null,
      cleaned_etag: silver?.origin.bronzeEtag ?? null,
    },
    silver: silver
      ? {
          key: silverKey,
          is_pruned: silver.isPruned,
          ...countsJson(silver.counts),
          reasons: silver.counts.reasons,
        }
      : null,
    cleaned_at: silver?.origin.cleanedAt ?? null,
    code_version: silver?.origin.codeVersion ?? null,
    quarantine_key: rest.quarantineKey ?? null,
    ...takenInJson(rest.takenInAt),
  };
}

const countsJson = ({ read, kept, rejected, duplicates }: StoredCounts) => ({
  read: read ?? null,
  kept: kept ?? null,
  rejected: rejected ?? null,
  duplicates: duplicates ?? null,
});

/** `null` where the warehouse is not on this machine. */
const takenInJson = (at: ObjectLineage["takenInAt"]) => ({
  taken_in: at === "unknown" ? null : at !== undefined,
  taken_in_at: at === "unknown" ? null : (at ?? null),
});

type Fate = { kind: string; reason?: string };

const reasonOf = ({ reason }: Fate) => (reason === undefined ? {} : { reason });
