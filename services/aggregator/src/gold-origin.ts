import { createHash } from "node:crypto";
import path from "node:path";
import { type ObjectMetadata, productVersion } from "@ingot/common";
import type { GoldOrigin, Kpi, SilverRecord, SqlOrigin } from "@ingot/pipelines";
import { silverFromMetadata, silverToMetadata } from "./silver-lineage.ts";

export function sqlOrigin({ file, sql }: Pick<Kpi, "file" | "sql">): SqlOrigin {
  return { file: path.basename(file), sha256: createHash("sha256").update(sql).digest("hex") };
}

export function goldOrigin(sql: SqlOrigin, silver: SilverRecord | undefined): GoldOrigin {
  return { sql, code_version: productVersion(), ...(silver && { silver }) };
}

/** The origin as metadata of the version's object. */
export function goldOriginToMetadata({ sql, code_version, silver }: GoldOrigin): ObjectMetadata {
  return {
    sql_file: sql.file,
    sql_sha256: sql.sha256,
    code_version,
    ...(silver && silverToMetadata(silver)),
  };
}

/** The inverse of `goldOriginToMetadata`; `undefined` for what an older version of Ingot wrote, or somebody else. */
export function goldOriginFromMetadata(metadata: ObjectMetadata): GoldOrigin | undefined {
  const { sql_file: file, sql_sha256: sha256, code_version } = metadata;
  if (file === undefined || sha256 === undefined || code_version === undefined) return undefined;
  return { sql: { file, sha256 }, code_version, silver: silverFromMetadata(metadata) };
}
