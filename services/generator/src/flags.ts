import { IngotError } from "@ingot/common";

export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** @throws IngotError `usage` for what is no whole number in these bounds */
export function countFlag(flags: Flags, flag: string, most = Number.MAX_SAFE_INTEGER): number | undefined {
  const given = flags[flag];
  if (given === undefined) return undefined;
  const count = Number(given);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  const end = most === Number.MAX_SAFE_INTEGER ? "on" : `to ${most}`;
  throw new IngotError("usage", `--${flag} is "${given}". Allowed: a whole number from 1 ${end}.`);
}

export function textFlag(flags: Flags, flag: string): string | undefined {
  const given = flags[flag];
  return typeof given === "string" ? given : undefined;
}

/**
 * Refuses flags that mean nothing beside what was asked for.
 *
 * @param whose what they do belong to, as it stands after "is for"
 * @throws IngotError `usage`
 */
export function refuse(flags: Flags, names: readonly string[], whose: string): void {
  const given = names.find((name) => flags[name] !== undefined);
  if (given === undefined) return;
  throw new IngotError("usage", `--${given} is for ${whose}. \`ingot generate --help\` shows both.`);
}
