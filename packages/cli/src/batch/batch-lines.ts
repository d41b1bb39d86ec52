import { count, counted } from "../amounts.ts";
import { reasonsText } from "../quarantine/rejected-objects.ts";
import { printable } from "../query/text-table.ts";
import type { BatchStatus } from "./batch-status.ts";

/** What lies in the lake for a pipeline that works in batches, in lines for people. */
export function batchLines(name: string, status: BatchStatus): string[] {
  const { bronze, quarantine } = status;
  const tables = Object.entries(bronze.tables).map(([table, objects]) => `${table} ${count(objects)}`);
  const files = `${counted(bronze.objects, "file")}${tables.length > 0 ? `: ${tables.join(", ")}` : ""}`;
  return [
    `Pipeline ${name}`,
    line("bronze", files),
    ...(bronze.ignored.length > 0 ? [line("", ignoredText(bronze.ignored))] : []),
    ...(quarantine.rows > 0
      ? [
          line(
            "quarantine",
            `${counted(quarantine.rows, "rejected record")}: ${reasonsText(quarantine.reasons)}`,
          ),
        ]
      : []),
    line("gold", publishedText(status)),
    line("newest run", runText(name, status)),
  ];
}

const line = (label: string, text: string): string => `  ${label.padEnd(11)} ${text}`.trimEnd();

function ignoredText(keys: readonly string[]): string {
  const shown = keys.slice(0, 3).map(printable).join(", ");
  return `passed over, of no table: ${shown}${keys.length > 3 ? ` and ${count(keys.length - 3)} more` : ""}`;
}

function publishedText({ published }: BatchStatus): string {
  if (!published) return "nothing published yet";
  const files = Object.entries(published.files).map(([file, { rows }]) =>
    rows === undefined ? file : `${file} (${count(rows)})`,
  );
  const month = published.month === undefined ? "" : ` for ${published.month}`;
  return `published${month} at ${published.at}: ${files.join(", ")}`;
}

function runText(name: string, { newest_run: run, bronze }: BatchStatus): string {
  if (!run) return bronze.objects > 0 ? `none yet: ingot run ${name}` : "none yet";
  const at = run.finished_at ?? `${run.started_at} until now`;
  return `${run.status} at ${at} (${run.trigger})${run.error === undefined ? "" : `: ${printable(run.error)}`}`;
}
