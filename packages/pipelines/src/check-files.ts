import { readFile } from "node:fs/promises";
import path from "node:path";
import { IngotError, messageOf } from "@ingot/common";
import type { Check } from "@ingot/engine/checks";

/** Checks as files declare them: `<model>.yml` beside `<model>.sql`. */
export interface CheckFile {
  model: string;
  file: string;
  /** What the file declares, or why it cannot be used. */
  checks: readonly Check[] | IngotError;
}

/** What was read of each file: they change seldom and are asked for at every pass. */
const parsed = new Map<string, { text: string; checks: CheckFile["checks"] }>();

/** Reads a file of checks. */
export async function readCheckFile(file: string): Promise<CheckFile> {
  return { model: path.parse(file).name, file, checks: await checksIn(file) };
}

async function checksIn(file: string): Promise<CheckFile["checks"]> {
  try {
    const text = await readFile(file, "utf8");
    const known = parsed.get(file);
    if (known?.text === text) return known.checks;
    // Loaded here only: most processes check nothing.
    const { parseChecks } = await import("@ingot/engine/checks");
    const checks = asResult(() => parseChecks(text, file));
    parsed.set(file, { text, checks });
    return checks;
  } catch (cause) {
    return new IngotError("check_failed", `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function asResult(parse: () => readonly Check[]): CheckFile["checks"] {
  try {
    return parse();
  } catch (error) {
    if (error instanceof IngotError) return error;
    throw error;
  }
}

/** Checks with those of another file added; one of the same name takes the place of the earlier. */
export function withChecks(checks: readonly Check[], added: readonly Check[]): Check[] {
  return [...new Map([...checks, ...added].map((check) => [check.name, check])).values()];
}
