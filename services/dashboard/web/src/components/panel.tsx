import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { SalesTable } from "../../../src/api/contract.ts";
import { addressOf } from "../state/api.ts";
import { texts } from "../state/preferences.ts";
import { query } from "../state/store.ts";
import { Icon } from "./icons.tsx";
import { Menu } from "./menu.tsx";

interface Props {
  id: string;
  title: string;
  note?: ComponentChildren;
  class?: string;
  /** The table with all that the chart shows: its text alternative. */
  table?: () => ComponentChildren;
  /** What downloads with the filter of the moment. */
  download?: SalesTable;
  actions?: ComponentChildren;
  isEmpty?: boolean;
  /** Why it is empty, where that is not the period. */
  emptyText?: string | undefined;
  children: ComponentChildren;
}

/** A part of a view: a title, what can be done with it, and a chart that may be looked at as a table. */
export function Panel({
  id,
  title,
  note,
  class: className,
  table,
  download,
  actions,
  isEmpty,
  emptyText,
  children,
}: Props) {
  const [isTable, setTable] = useState(false);
  const t = texts.value;
  const toggle = isTable ? t.panel.chartFor(title) : t.panel.tableFor(title);
  return (
    <section class={`panel ${className ?? ""}`} aria-labelledby={`${id}-title`} data-panel={id}>
      <header class="panel-head">
        <div class="panel-titles">
          <h2 id={`${id}-title`}>{title}</h2>
          {note && <p class="note">{note}</p>}
        </div>
        <div class="panel-actions">
          {actions}
          {table && (
            <button
              type="button"
              class="icon-button"
              aria-label={toggle}
              title={isTable ? t.panel.chart : t.panel.table}
              onClick={() => setTable(!isTable)}
            >
              <Icon name={isTable ? "chart" : "table"} />
            </button>
          )}
          {download && <DownloadMenu table={download} title={title} />}
        </div>
      </header>
      <div class="panel-body">
        {isEmpty ? (
          <p class="panel-empty">{emptyText ?? t.empty.panel}</p>
        ) : table && isTable ? (
          table()
        ) : (
          children
        )}
      </div>
    </section>
  );
}

function DownloadMenu({ table, title }: { table: SalesTable; title: string }) {
  const t = texts.value;
  const links = (["csv", "xlsx"] as const).map((format) => ({
    text: t.panel[format],
    href: addressOf(`api/sales/${table}.${format}?${query.value ?? ""}`),
    download: `${table}.${format}`,
  }));
  return <Menu label={t.panel.menuFor(title)} icon="download" links={links} />;
}
