import { useEffect } from "preact/hooks";
import { ErrorNotice, Notice } from "../../components/notice.tsx";
import { Segmented } from "../../components/segmented.tsx";
import type { FilesRoute } from "../../lib/routes.ts";
import { texts } from "../../state/preferences.ts";
import { go } from "../../state/route.ts";
import { Breadcrumbs } from "./breadcrumbs.tsx";
import { folderOf, listing, loadFolder, loadPreview, preview } from "./files-store.ts";
import { Listing } from "./listing.tsx";
import { Preview } from "./preview.tsx";

export function FilesView({ route }: { route: FilesRoute }) {
  const t = texts.value;
  const { layer, path } = route;
  const folder = folderOf(path);
  const isObject = path !== folder;
  useEffect(() => loadFolder(layer, folder), [layer, folder]);
  useEffect(() => {
    if (isObject) loadPreview(layer, path);
  }, [layer, path, isObject]);

  return (
    <>
      <div class="view-head">
        <h1 tabIndex={-1}>{t.files.title}</h1>
        <p class="view-note">{t.files.about}</p>
      </div>
      <div class="files-bar">
        <Segmented
          label={t.files.layer}
          value={layer}
          options={[
            { value: "gold", text: t.pipeline.layers.gold },
            { value: "silver", text: t.pipeline.layers.silver },
          ]}
          onChange={(value) => go({ view: "files", layer: value, path: "" })}
        />
        <Breadcrumbs layer={layer} path={path} />
      </div>
      <div class={`files ${isObject ? "has-object" : ""}`}>
        <Folder selected={path} />
        <div class="panel files-preview" data-panel="preview">
          {isObject ? <OpenObject /> : <Notice icon="file" title={t.files.select} />}
        </div>
      </div>
    </>
  );
}

function Folder({ selected }: { selected: string }) {
  const data = listing.data.value;
  const error = listing.error.value;
  return (
    <div class="panel files-list" data-panel="listing" aria-busy={listing.isOutdated.value}>
      {error ? (
        <ErrorNotice error={error} retry={() => listing.refresh()} />
      ) : data ? (
        <Listing first={data} selected={selected} />
      ) : (
        <span class="bone is-block" />
      )}
    </div>
  );
}

function OpenObject() {
  const data = preview.data.value;
  const error = preview.error.value;
  if (error) return <ErrorNotice error={error} retry={() => preview.refresh()} />;
  if (!data || preview.isOutdated.value) return <span class="bone is-block" />;
  return <Preview preview={data} />;
}
