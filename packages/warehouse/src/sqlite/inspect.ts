import { DatabaseSync } from "node:sqlite";
import { messageOf } from "@ingot/common";
import { kindOf } from "./file-kind.ts";
import { isBusy, isUnreadableFile } from "./sqlite-errors.ts";

/** What state a warehouse file is in. */
export type WarehouseState =
  | { kind: "usable"; lake: string; objects: number }
  | { kind: "busy" | "damaged" | "foreign" | "newer" | "older" }
  | { kind: "unusable"; reason: string };

/** How long to wait for a writer; an aggregator's steps are shorter. Waiting blocks the process. */
const WAIT_MS = 2_000;

/**
 * Looks at a warehouse file that exists, and whether its lock can be had; changes nothing in it.
 *
 * `busy` is a file that another process has kept locked for two seconds. An `older` or `damaged` one is put aside by the
 * aggregator when it starts.
 */
export function inspectWarehouse(file: string): WarehouseState {
  let database: DatabaseSync | undefined;
  try {
    // Not read-only: such a connection leaves a log and its index beside a file that nobody else has open.
    database = new DatabaseSync(file, { timeout: WAIT_MS });
    return stateOf(database);
  } catch (error) {
    if (isBusy(error)) return { kind: "busy" };
    if (isUnreadableFile(error)) return { kind: "damaged" };
    return { kind: "unusable", reason: messageOf(error) };
  } finally {
    if (database?.isOpen) database.close();
  }
}

function stateOf(database: DatabaseSync): WarehouseState {
  const kind = kindOf(database);
  if (kind === "empty") return { kind: "usable", lake: "", objects: 0 };
  if (kind !== "current") return { kind };
  const lake = String(database.prepare("SELECT value FROM meta WHERE name = 'lake'").get()?.value);
  const objects = Number(database.prepare("SELECT count(*) AS n FROM objects").get()?.n);
  database.exec("BEGIN IMMEDIATE; ROLLBACK");
  return { kind: "usable", lake, objects };
}
