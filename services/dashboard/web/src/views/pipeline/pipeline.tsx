import { useEffect } from "preact/hooks";
import { lazy } from "../../components/lazy.tsx";
import { ErrorNotice } from "../../components/notice.tsx";
import type { PipelineRoute } from "../../lib/routes.ts";
import { texts } from "../../state/preferences.ts";
import { status } from "../../state/store.ts";
import { Checks } from "./checks.tsx";
import { Picture } from "./picture.tsx";
import { Rejects } from "./rejects.tsx";
import { Runs, SchemaChanges } from "./runs.tsx";
import { Services } from "./services.tsx";

const BatchPipelines = lazy(() =>
  import("./batch/batch-pipelines.tsx").then((module) => module.BatchPipelines),
);

export function PipelineView({ route }: { route: PipelineRoute }) {
  const t = texts.value.pipeline;
  const data = status.data.value;
  const error = status.error.value;
  const isThere = data !== undefined;
  useEffect(() => {
    if (isThere && route.part) document.getElementById(route.part)?.scrollIntoView();
  }, [isThere, route]);
  return (
    <>
      <div class="view-head">
        <h1 tabIndex={-1}>{t.title}</h1>
        {data && <p class="view-note is-code">{data.lake}</p>}
      </div>
      {data ? (
        <div class="pipeline">
          <Picture status={data} />
          <Services services={data.services} />
          {data.batch.length > 0 && <BatchPipelines pipelines={data.batch} />}
          <Checks checks={data.checks} />
          <Rejects rejects={data.rejects} />
          <SchemaChanges changes={data.schema_changes} />
          <Runs runs={data.runs} />
        </div>
      ) : error ? (
        <ErrorNotice error={error} retry={() => status.refresh()} />
      ) : (
        <PipelineSkeleton />
      )}
    </>
  );
}

function PipelineSkeleton() {
  return (
    <div class="pipeline" aria-busy="true">
      {["a", "b", "c", "d"].map((key) => (
        <div key={key} class="panel">
          <div class="panel-head">
            <span class="bone is-title" />
          </div>
          <span class="bone is-block" />
        </div>
      ))}
    </div>
  );
}
