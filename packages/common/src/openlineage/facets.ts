import { productVersion } from "../version.ts";

/** A part of an event that can be read on its own (OpenLineage 2-0-2, `BaseFacet`). */
export type Facet = Readonly<Record<string, unknown>>;

/** The standard's facets that are used, each with the version of its schema. */
const VERSIONS = {
  DataQualityAssertionsDatasetFacet: "1-1-0",
  DataQualityMetricsInputDatasetFacet: "1-0-3",
  ErrorMessageRunFacet: "1-0-1",
  InputStatisticsInputDatasetFacet: "1-0-0",
  JobTypeJobFacet: "2-0-4",
  OutputStatisticsOutputDatasetFacet: "1-0-2",
  ProcessingEngineRunFacet: "1-1-1",
  SchemaDatasetFacet: "1-2-0",
} as const;

/** Who made an event, as a URI. */
export const producer = (): string => `urn:ingot:${productVersion()}`;

/** A facet by the name of its schema. */
export function facet(schema: keyof typeof VERSIONS, content: Readonly<Record<string, unknown>>): Facet {
  const file = `https://openlineage.io/spec/facets/${VERSIONS[schema]}/${schema}.json`;
  return { _producer: producer(), _schemaURL: `${file}#/$defs/${schema}`, ...content };
}
