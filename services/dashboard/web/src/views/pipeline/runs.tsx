import type { IngestRun, PipelineStatus } from "../../../../src/api/contract.ts";
import { Ago } from "../../components/ago.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { formats, texts } from "../../state/preferences.ts";

export function Runs({ runs }: { runs: readonly IngestRun[] }) {
  const t = texts.value.pipeline;
  const f = formats.value;
  const count = (title: string, value: (run: IngestRun) => number) => ({
    title,
    isNumber: true,
    cell: (run: IngestRun) => f.integer(value(run)),
  });
  return (
    <section class="panel is-wide" aria-labelledby="runs-title" data-panel="runs">
      <header class="panel-head">
        <div class="panel-titles">
          <h2 id="runs-title">{t.runs}</h2>
        </div>
      </header>
      {runs.length === 0 ? (
        <p class="panel-empty is-low">{t.runsNone}</p>
      ) : (
        <DataTable
          caption={t.runs}
          rows={runs}
          keyOf={(run, index) => `${run.at}/${index}`}
          columns={[
            { title: t.at, cell: (run) => <time dateTime={run.at}>{f.moment(run.at)}</time> },
            count(t.objectsHead, (run) => run.objects),
            count(t.read, (run) => run.read),
            count(t.kept, (run) => run.kept),
            count(t.rejected, (run) => run.rejected),
            count(t.duplicates, (run) => run.duplicates),
          ]}
        />
      )}
    </section>
  );
}

export function SchemaChanges({ changes }: { changes: PipelineStatus["schema_changes"] }) {
  const t = texts.value.pipeline;
  return (
    <section class="panel is-schema" aria-labelledby="schema-title" data-panel="schema_changes">
      <header class="panel-head">
        <div class="panel-titles">
          <h2 id="schema-title">{t.schema}</h2>
        </div>
      </header>
      {changes.length === 0 ? (
        <p class="panel-empty is-low">{t.schemaNone}</p>
      ) : (
        <ol class="changes">
          {changes.map((change) => (
            <li key={`${change.at}/${change.dataset}/${change.change}`}>
              <p lang="en">{change.change}</p>
              <p class="note">
                {change.dataset} · <Ago at={change.at} />
              </p>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
