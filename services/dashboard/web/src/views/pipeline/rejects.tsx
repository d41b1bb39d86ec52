import type { RejectReason, RejectSample } from "../../../../src/api/contract.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { formats, texts } from "../../state/preferences.ts";

/** How many records were rejected for which reason; each opens to show samples. */
export function Rejects({ rejects }: { rejects: readonly RejectReason[] }) {
  const t = texts.value.pipeline;
  const most = Math.max(...rejects.map(({ records }) => records), 1);
  return (
    <section class="panel is-rejects" aria-labelledby="rejects-title" data-panel="rejects">
      <header class="panel-head">
        <div class="panel-titles">
          <h2 id="rejects-title">{t.rejects}</h2>
          {rejects.length > 0 && <p class="note">{t.rejectsNote}</p>}
        </div>
      </header>
      {rejects.length === 0 && <p class="panel-empty is-low">{t.rejectsNone}</p>}
      <ul class="rejects">
        {rejects.map((reject) => (
          <li key={`${reject.dataset}/${reject.reason}`}>
            <Reject reject={reject} most={most} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Reject({ reject, most }: { reject: RejectReason; most: number }) {
  const t = texts.value.pipeline;
  const f = formats.value;
  const row = (
    <>
      <span class="bar-fill is-bad" style={{ "--share": String(reject.records / most) }} />
      <code class="bar-name">{reject.reason}</code>
      <span class="bar-value">{t.records(reject.records, f.integer(reject.records))}</span>
      <span class="bar-aside">{t.shareOf(f.percent(reject.share), reject.dataset)}</span>
    </>
  );
  if (reject.samples.length === 0) return <div class="bar-row is-closed">{row}</div>;
  return (
    <details class="reject">
      <summary class="bar-row">
        <Icon name="right" />
        {row}
      </summary>
      <Samples samples={reject.samples} />
    </details>
  );
}

function placeOf({ line, index }: RejectSample): string {
  const t = texts.value.pipeline;
  const { integer } = formats.value;
  return line === undefined ? t.index(integer(index)) : t.line(integer(line));
}

function Samples({ samples }: { samples: readonly RejectSample[] }) {
  const t = texts.value.pipeline;
  return (
    <DataTable
      caption={t.samples}
      rows={samples}
      keyOf={(sample) => `${sample.source_key}/${sample.index}`}
      columns={[
        { title: t.source, cell: (sample) => <code>{sample.source_key}</code> },
        { title: t.place, cell: placeOf },
        { title: t.field, cell: (sample) => <code>{sample.field ?? "–"}</code> },
        { title: t.value, cell: (sample) => <code class="wrong">{sample.value ?? "–"}</code> },
      ]}
    />
  );
}
