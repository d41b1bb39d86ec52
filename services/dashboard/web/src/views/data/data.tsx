import { useState } from "preact/hooks";
import type { KpiInfo } from "../../../../src/api/contract.ts";
import { Ago } from "../../components/ago.tsx";
import { CopyButton } from "../../components/copy.tsx";
import { Icon } from "../../components/icons.tsx";
import { ErrorNotice } from "../../components/notice.tsx";
import { addressOf } from "../../state/api.ts";
import { formats, texts } from "../../state/preferences.ts";
import { kpis } from "../../state/store.ts";
import { Tools } from "./tools.tsx";

export function KpisView() {
  const t = texts.value.data;
  const data = kpis.data.value;
  const error = kpis.error.value;
  const [chosen, setChosen] = useState<string>();
  const kpi = data?.kpis.find(({ name }) => name === chosen) ?? data?.kpis[0];
  return (
    <>
      <div class="view-head">
        <h1 tabIndex={-1}>{t.title}</h1>
        <a class="button view-action" href={addressOf("api/docs")}>
          {t.api}
          <Icon name="external" />
        </a>
        <p class="view-note">{t.about}</p>
      </div>
      {!data && error && <ErrorNotice error={error} retry={() => kpis.refresh()} />}
      {!data && !error && (
        <div class="panel">
          <span class="bone is-block" />
        </div>
      )}
      {data && data.kpis.length === 0 && <p class="panel panel-empty">{t.none}</p>}
      {kpi && <Tools kpis={data!.kpis} kpi={kpi} onChoose={setChosen} />}
      <ul class="kpis">
        {data?.kpis.map((one) => (
          <Kpi key={one.name} kpi={one} />
        ))}
      </ul>
    </>
  );
}

const FORMATS = { csv: "CSV", xlsx: "Excel" } as const;

function Kpi({ kpi }: { kpi: KpiInfo }) {
  const t = texts.value.data;
  const f = formats.value;
  return (
    <li class="panel kpi" data-kpi={kpi.name}>
      <header class="panel-head">
        <div class="panel-titles">
          <h2 class="is-code">{kpi.name}</h2>
          <p class="note">
            {t.rows(kpi.rows, f.integer(kpi.rows))} · <Ago at={kpi.updated_at} text={t.updated} />
          </p>
        </div>
        <div class="panel-actions">
          {(["csv", "xlsx"] as const).map((format) => (
            <a
              key={format}
              class="button is-small"
              href={addressOf(kpi[format])}
              download={`${kpi.name}.${format}`}
              aria-label={t.download(`${kpi.name}: ${FORMATS[format]}`)}
            >
              <Icon name="download" />
              {FORMATS[format]}
            </a>
          ))}
        </div>
      </header>
      <ul class="columns" aria-label={t.columns}>
        {kpi.columns.map((column) => (
          <li key={column.name}>
            <code>{column.name}</code> <span class="column-type">{t.types[column.type]}</span>
          </li>
        ))}
      </ul>
      <ul class="addresses">
        {(["csv", "json"] as const).map((format) => (
          <li key={format}>
            <a class="address" href={addressOf(kpi[format])}>
              {addressOf(kpi[format])}
            </a>
            <CopyButton text={addressOf(kpi[format])} label={t.copyAddress(`${kpi.name}.${format}`)} />
          </li>
        ))}
      </ul>
    </li>
  );
}
