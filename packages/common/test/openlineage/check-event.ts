import { expect } from "vitest";
import type { RunEvent } from "../../src/openlineage/events.ts";

type Json = Record<string, unknown>;

/** What each facet must have beside `_producer` and `_schemaURL` (OpenLineage's schema of it). */
const REQUIRED: Readonly<Record<string, Json>> = {
  processing_engine: { version: expect.any(String) },
  errorMessage: { message: expect.any(String), programmingLanguage: expect.any(String) },
  jobType: { processingType: expect.any(String), integration: expect.any(String) },
  schema: { fields: expect.any(Array) },
  inputStatistics: {},
  outputStatistics: {},
  dataQualityMetrics: { columnMetrics: expect.any(Object) },
  dataQualityAssertions: { assertions: expect.any(Array) },
};

const URI = /^[a-z][a-z0-9+.-]*:[^\s]+$/;
const COUNTS = ["rowCount", "size", "bytes", "fileCount"];

/** Checks an event against what OpenLineage 2-0-2 and its facets' schemas demand. */
export function checkEvent(event: RunEvent): void {
  expect(event).toMatchObject({
    eventType: expect.stringMatching(/^(START|COMPLETE|FAIL|ABORT)$/),
    eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    producer: expect.stringMatching(URI),
    schemaURL: "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    run: { runId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) },
    job: { namespace: expect.any(String), name: expect.any(String) },
  });
  checkFacets(event.run.facets);
  checkFacets(event.job.facets);
  for (const dataset of [...event.inputs, ...event.outputs] as Json[]) {
    expect(dataset).toMatchObject({ namespace: expect.any(String), name: expect.any(String) });
    const { facets, inputFacets, outputFacets } = dataset as Record<string, Json | undefined>;
    for (const group of [facets, inputFacets, outputFacets]) checkFacets(group ?? {});
  }
  for (const dataset of event.inputs) expect(dataset).not.toHaveProperty("outputFacets");
  for (const dataset of event.outputs) expect(dataset).not.toHaveProperty("inputFacets");
}

function checkFacets(facets: Json): void {
  for (const [name, facet] of Object.entries(facets) as [string, Json][]) {
    expect(Object.keys(REQUIRED)).toContain(name);
    expect(facet).toMatchObject({
      _producer: expect.stringMatching(URI),
      _schemaURL: expect.stringMatching(
        /^https:\/\/openlineage\.io\/spec\/facets\/[\d-]+\/(\w+)\.json#\/\$defs\/\1$/,
      ),
      ...REQUIRED[name],
    });
    for (const count of COUNTS) {
      if (facet[count] !== undefined) expect(facet[count]).toSatisfy(Number.isInteger);
    }
    for (const field of (facet.fields ?? []) as Json[])
      expect(field).toMatchObject({ name: expect.any(String) });
    for (const assertion of (facet.assertions ?? []) as Json[]) {
      expect(assertion).toMatchObject({ assertion: expect.any(String), success: expect.any(Boolean) });
      for (const text of ["expected", "actual", "content"])
        if (text in assertion) expect(assertion[text]).toBeTypeOf("string");
    }
  }
}
