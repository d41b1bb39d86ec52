import { useEffect, useState } from "preact/hooks";
import type { ObjectListing } from "../../../../src/api/contract.ts";
import { Icon } from "../../components/icons.tsx";
import { formatRoute } from "../../lib/routes.ts";
import { getJson } from "../../state/api.ts";
import { formats, texts } from "../../state/preferences.ts";
import { listingPath } from "./files-store.ts";

/** A folder: its folders, then its objects, as many as were asked for. */
export function Listing({ first, selected }: { first: ObjectListing; selected: string }) {
  const t = texts.value;
  const f = formats.value;
  const { pages, next, more } = usePages(first);
  const folders = pages.flatMap((page) => page.folders);
  const objects = pages.flatMap((page) => page.objects);
  const link = (path: string) => formatRoute({ view: "files", layer: first.layer, path });
  if (folders.length + objects.length === 0) return <p class="panel-empty">{t.files.empty}</p>;
  return (
    <>
      <table class="table files-table">
        <caption class="hidden">{first.prefix || t.pipeline.layers[first.layer]}</caption>
        <thead>
          <tr>
            <th scope="col">{t.common.name}</th>
            <th scope="col" class="number">
              {t.files.size}
            </th>
            <th scope="col" class="number is-optional">
              {t.files.modified}
            </th>
          </tr>
        </thead>
        <tbody>
          {folders.map((name) => (
            <tr key={name}>
              <th scope="row">
                <a href={link(first.prefix + name)}>
                  <Icon name="folder" />
                  <span class="files-name">{name.slice(0, -1)}</span>
                </a>
              </th>
              <td class="number quiet">{t.files.folder}</td>
              <td class="is-optional" />
            </tr>
          ))}
          {objects.map((object) => (
            <tr key={object.key} class={object.key === selected ? "is-current" : ""}>
              <th scope="row">
                <a href={link(object.key)} aria-current={object.key === selected ? "true" : undefined}>
                  <Icon name="file" />
                  <span class="files-name">{object.key.slice(first.prefix.length)}</span>
                </a>
              </th>
              <td class="number">{f.bytes(object.size)}</td>
              <td class="number quiet is-optional">{f.instant(object.modified)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {next && (
        <button type="button" class="panel-more" onClick={more}>
          {t.files.more}
        </button>
      )}
    </>
  );
}

function usePages(first: ObjectListing) {
  const [rest, setRest] = useState<ObjectListing[]>([]);
  useEffect(() => setRest([]), [first]);
  const pages = [first, ...rest.filter((page) => page.prefix === first.prefix && page.layer === first.layer)];
  const next = pages.at(-1)?.next;
  const more = () => {
    void getJson<ObjectListing>(listingPath(first.layer, first.prefix, next)).then(
      (page) => setRest((known) => [...known, page]),
      () => {},
    );
  };
  return { pages, next, more };
}
