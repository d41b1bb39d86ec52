import type { SalesReport, SalesRow } from "../../../../src/api/contract.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Panel } from "../../components/panel.tsx";
import { Ranking } from "../../components/ranking.tsx";
import type { Dimension } from "../../lib/routes.ts";
import { formats, texts } from "../../state/preferences.ts";
import { business, toggleFilter } from "../../state/route.ts";
import { countingText } from "./visits.tsx";

/** Of a shop that sells everywhere, those that matter; the table and the download have all. */
const MOST_BARS = 10;

interface SalesRankingProps {
  report: SalesReport;
  dimension: Dimension;
  table: "products" | "channels" | "countries";
  title: string;
  note?: string | undefined;
  rows: ({ name: string } & SalesRow)[];
}

function SalesRanking({ report, dimension, table, title, note, rows }: SalesRankingProps) {
  const t = texts.value.business;
  const f = formats.value;
  const total = report.cards.revenue.value ?? 0;
  const share = (revenue: number) => (total > 0 ? f.percent(revenue / total) : "–");
  const first = rows[0];
  return (
    <Panel
      id={table}
      class={`is-${table}`}
      title={title}
      note={note}
      download={table}
      isEmpty={rows.length === 0}
      table={() => (
        <DataTable
          caption={title}
          rows={rows}
          keyOf={(row) => row.name}
          columns={[
            { title: texts.value.filters[dimension], cell: (row) => row.name, class: "is-name" },
            { title: t.revenue, isNumber: true, cell: (row) => f.money(row.revenue) },
            { title: t.share, isNumber: true, cell: (row) => share(row.revenue) },
            { title: t.orders, isNumber: true, cell: (row) => f.integer(row.orders) },
            { title: t.quantity, isNumber: true, cell: (row) => f.decimal(row.quantity) },
          ]}
        />
      )}
    >
      <Ranking
        summary={first ? t.rankingSummary(title, first.name, f.money(first.revenue)) : title}
        bars={rows.slice(0, MOST_BARS).map(({ name, revenue }) => ({
          name,
          value: revenue,
          text: f.moneyBrief(revenue),
          aside: share(revenue),
        }))}
        selected={business.value[dimension]}
        onPick={(name) => toggleFilter(dimension, name)}
      />
    </Panel>
  );
}

export function ProductPanel({ report }: { report: SalesReport }) {
  const t = texts.value.business;
  const rows = report.products.map(({ product, ...row }) => ({ name: product, ...row }));
  const note =
    report.product_count > rows.length
      ? t.productsOf(formats.value.integer(report.product_count))
      : undefined;
  return (
    <SalesRanking
      report={report}
      dimension="product"
      table="products"
      title={t.products}
      note={note}
      rows={rows}
    />
  );
}

export function ChannelPanel({ report }: { report: SalesReport }) {
  const rows = report.channels.map(({ channel, ...row }) => ({ name: channel, ...row }));
  const title = texts.value.business.channels;
  return <SalesRanking report={report} dimension="channel" table="channels" title={title} rows={rows} />;
}

export function CountryPanel({ report }: { report: SalesReport }) {
  const rows = report.countries.map(({ country, ...row }) => ({ name: country, ...row }));
  const title = texts.value.business.countries;
  return <SalesRanking report={report} dimension="country" table="countries" title={title} rows={rows} />;
}

export function PagePanel({ report }: { report: SalesReport }) {
  const t = texts.value.business;
  const f = formats.value;
  const first = report.pages[0];
  return (
    <Panel
      id="pages"
      class="is-pages"
      title={t.pages}
      note={[
        report.page_count > report.pages.length ? `${t.productsOf(f.integer(report.page_count))} · ` : "",
        t.pagesNote,
      ]}
      download="pages"
      isEmpty={report.pages.length === 0}
      emptyText={countingText(report)}
      table={() => (
        <DataTable
          caption={t.pages}
          rows={report.pages}
          keyOf={(row) => row.page}
          columns={[
            { title: t.page, cell: (row) => row.page, class: "is-name" },
            { title: t.views, isNumber: true, cell: (row) => f.integer(row.views) },
            { title: t.visitors, isNumber: true, cell: (row) => f.integer(row.visitors) },
          ]}
        />
      )}
    >
      <Ranking
        summary={first ? t.rankingSummary(t.pages, first.page, f.integer(first.views)) : t.pages}
        bars={report.pages.map(({ page, views, visitors }) => ({
          name: page,
          value: views,
          text: f.integer(views),
          aside: f.integer(visitors),
        }))}
      />
    </Panel>
  );
}
