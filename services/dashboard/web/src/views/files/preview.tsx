import type { ObjectPreview } from "../../../../src/api/contract.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { formatRoute } from "../../lib/routes.ts";
import { formats, texts } from "../../state/preferences.ts";
import { contentAddress, folderOf } from "./files-store.ts";

export function Preview({ preview }: { preview: ObjectPreview }) {
  const t = texts.value.files;
  const f = formats.value;
  const folder = folderOf(preview.key);
  const metadata = Object.entries(preview.metadata);
  return (
    <>
      <header class="preview-head">
        <a
          class="icon-button preview-back"
          href={formatRoute({ view: "files", layer: preview.layer, path: folder })}
          aria-label={t.back}
          title={t.back}
        >
          <Icon name="left" />
        </a>
        <div>
          <h2>{preview.key.slice(folder.length)}</h2>
          <p class="note">
            {f.bytes(preview.size)} · {f.instant(preview.modified)} · {extentOf(preview)}
          </p>
        </div>
        {preview.layer === "gold" && (
          <a class="button is-small" href={contentAddress(preview.key)} download>
            <Icon name="download" />
            {t.download}
          </a>
        )}
      </header>
      <Content preview={preview} />
      {metadata.length > 0 && (
        <details class="metadata">
          <summary>
            <Icon name="right" />
            {t.metadata}
          </summary>
          <dl>
            {metadata.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  );
}

function extentOf({ rows, is_cut }: ObjectPreview): string {
  const t = texts.value.files;
  if (!rows) return is_cut ? t.cutText : "";
  const text = formats.value.integer(rows.length);
  return is_cut ? t.cut(text) : t.whole(rows.length, text);
}

function Content({ preview }: { preview: ObjectPreview }) {
  const { columns, rows, text, key } = preview;
  if (columns && rows) {
    return (
      <DataTable
        caption={key}
        rows={rows}
        keyOf={(_, index) => index}
        isTall
        columns={columns.map((title, place) => ({
          title,
          isNumber: isNumeric(rows, place),
          cell: (row: string[]) => row[place] ?? "",
        }))}
      />
    );
  }
  if (text !== undefined) {
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      <pre class="preview-text" tabIndex={0}>
        {text}
      </pre>
    );
  }
  return <p class="panel-empty">{texts.value.files.noPreview}</p>;
}

/** Numbers stand on the right. */
function isNumeric(rows: readonly string[][], place: number): boolean {
  return rows.length > 0 && rows.every((row) => /^-?\d*\.?\d*$/.test(row[place] ?? ""));
}
