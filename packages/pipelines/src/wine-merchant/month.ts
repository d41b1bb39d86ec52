import type { ObjectInfo } from "@ingot/common";

const MONTH = String.raw`(\d{4}-(?:0[1-9]|1[0-2]))`;
/** `month=2026-11`, `2026-11`, and the day on which `ingot import` brought a file: `dt=2026-11-15`. */
const FOLDER = new RegExp(String.raw`(?:^|/)(?:[a-z]+=)?${MONTH}(?:-\d\d)?/`, "i");
const NAME = new RegExp(String.raw`(?:^|[^\d/])${MONTH}(?!\d)[^/]*$`);

/** The month that a file is about: its folder's, else the one in its name, else the one in which it arrived (UTC). */
export function monthOf({ key, modified }: Pick<ObjectInfo, "key" | "modified">): string {
  return FOLDER.exec(key)?.[1] ?? NAME.exec(key)?.[1] ?? modified.toISOString().slice(0, 7);
}
