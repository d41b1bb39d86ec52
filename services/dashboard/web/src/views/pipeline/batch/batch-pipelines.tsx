import "../../../styles/batch.css";
import type { BatchPipeline, BatchRun } from "../../../../../src/api/contract.ts";
import { Ago } from "../../../components/ago.tsx";
import { DataTable } from "../../../components/data-table.tsx";
import { Icon } from "../../../components/icons.tsx";
import { batchTexts } from "../../../i18n/batch-texts.ts";
import { formats } from "../../../state/preferences.ts";
import { Files } from "./files.tsx";
import { Steps } from "./steps.tsx";

/** The pipelines that work in batches: what their newest runs did, and what they published. */
export function BatchPipelines({ pipelines }: { pipelines: readonly BatchPipeline[] }) {
  return pipelines.map((pipeline) => <Pipeline key={pipeline.name} pipeline={pipeline} />);
}

const TONES: Readonly<Record<BatchRun["status"], string>> = {
  running: "",
  published: "is-good",
  unchanged: "is-good",
  failed: "is-bad",
  broken: "is-warn",
};

function Pipeline({ pipeline }: { pipeline: BatchPipeline }) {
  const { name, runs, steps, steps_at, files, published_at } = pipeline;
  const t = batchTexts.value;
  const [newest, ...before] = runs;
  return (
    <section class="panel is-wide batch" aria-labelledby={`batch-${name}`} data-panel={`batch-${name}`}>
      <header class="panel-head">
        <div class="panel-titles">
          <h2 id={`batch-${name}`} class="is-code">
            {name}
          </h2>
          {newest && <RunNote run={newest} />}
        </div>
        {newest && (
          <p class={`pill ${TONES[newest.status]}`} data-status={newest.status}>
            <Icon name={PILL_ICONS[newest.status]} />
            {t.statuses[newest.status]}
          </p>
        )}
      </header>
      {!newest && <p class="panel-empty is-low">{t.never}</p>}
      {newest?.error && (
        <p class="batch-error" lang="en">
          {newest.error}
        </p>
      )}
      {steps.length > 0 && <Steps steps={steps} at={steps_at} />}
      {files.length > 0 && <Files files={files} publishedAt={published_at} />}
      {before.length > 0 && <History runs={before} pipeline={name} />}
    </section>
  );
}

const PILL_ICONS = {
  running: "clock",
  published: "check",
  unchanged: "check",
  failed: "warn",
  broken: "warn",
} as const;

function RunNote({ run }: { run: BatchRun }) {
  const t = batchTexts.value;
  const f = formats.value;
  return (
    <p class="note">
      {t.triggers[run.trigger]} · <Ago at={run.started_at} text={t.began} />
      {run.finished_at && ` · ${t.took(durationOf(run))}`}
      {run.attempt > 1 && ` · ${t.attempt(f.integer(run.attempt))}`}
      {run.months?.length ? ` · ${t.months(run.months.join(", "))}` : ""}
    </p>
  );
}

function durationOf({ started_at, finished_at }: BatchRun): string {
  return formats.value.took(finished_at ? Date.parse(finished_at) - Date.parse(started_at) : 0);
}

function History({ runs, pipeline }: { runs: readonly BatchRun[]; pipeline: string }) {
  const t = batchTexts.value;
  const f = formats.value;
  const count = (title: string, value: (run: BatchRun) => number) => ({
    title,
    isNumber: true,
    cell: (run: BatchRun) => f.integer(value(run)),
  });
  return (
    <details class="metadata">
      <summary>
        <Icon name="right" />
        {t.history}
      </summary>
      <DataTable
        caption={`${t.history}: ${pipeline}`}
        rows={runs}
        keyOf={({ id }) => id}
        columns={[
          {
            title: t.began_at,
            cell: ({ started_at }) => <time dateTime={started_at}>{f.moment(started_at)}</time>,
          },
          {
            title: t.status,
            cell: ({ status }) => <span class={`state ${TONES[status]}`}>{t.statuses[status]}</span>,
          },
          { title: t.trigger, cell: ({ trigger }) => t.triggers[trigger] },
          { title: t.duration, isNumber: true, cell: (run) => (run.finished_at ? durationOf(run) : "–") },
          count(t.kept, (run) => run.kept),
          count(t.rejected, (run) => run.rejected),
          count(t.duplicates, (run) => run.duplicates),
        ]}
      />
    </details>
  );
}
