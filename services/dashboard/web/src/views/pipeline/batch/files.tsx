import type { BatchFile } from "../../../../../src/api/contract.ts";
import { Ago } from "../../../components/ago.tsx";
import { Icon } from "../../../components/icons.tsx";
import { batchTexts } from "../../../i18n/batch-texts.ts";
import { formatRoute } from "../../../lib/routes.ts";
import { formats } from "../../../state/preferences.ts";
import { contentAddress } from "../../files/files-store.ts";

/** What was published, to be downloaded as it is. */
export function Files({
  files,
  publishedAt,
}: {
  files: readonly BatchFile[];
  publishedAt: string | undefined;
}) {
  const t = batchTexts.value;
  const f = formats.value;
  return (
    <div class="batch-files">
      <h3>
        {t.files}
        {publishedAt && (
          <span class="note">
            {" "}
            <Ago at={publishedAt} text={t.published} />
          </span>
        )}
      </h3>
      <ul>
        {files.map(({ name, key, size, rows }) => (
          <li key={name}>
            <a class="button is-small" href={contentAddress(key)} download aria-label={t.download(name)}>
              <Icon name="download" />
              {name}
            </a>
            <span class="note">
              {f.bytes(size)}
              {rows !== undefined && ` · ${t.rowsOf(rows, f.integer(rows))}`}
            </span>
            <a
              class="link"
              href={formatRoute({ view: "files", layer: "gold", path: key })}
              aria-label={t.openFile(name)}
            >
              {t.open}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
