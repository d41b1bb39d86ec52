import { existsSync, statSync } from "node:fs";
import { type CommandContext, IngotError } from "@ingot/common";
import { batchPipelines, ECOMMERCE } from "@ingot/pipelines";
import { pipelineFlag } from "../flags.ts";

export interface ImportRequest {
  /** A batch pipeline; `undefined` for the e-commerce pipeline. */
  pipeline: string | undefined;
  files: readonly string[];
}

/** Whose files are meant: `--pipeline`, or the first word where it is a pipeline's name. @throws IngotError `usage` */
export function importRequest({ flags, positionals }: CommandContext): ImportRequest {
  const known = [ECOMMERCE.name, ...batchPipelines()];
  const [first = "", ...rest] = positionals;
  const named = pipelineFlag(flags.pipeline);
  if (named !== undefined) return requestOf(named, positionals);
  if (known.includes(first)) {
    if (isFile(first)) {
      throw usage(
        `${first} is a pipeline, and a file here. Write ./${first} for the file, --pipeline ${first} for the pipeline.`,
      );
    }
    return requestOf(first, rest);
  }
  // Most likely a pipeline's name with a typing error: files have an ending, or a folder before them.
  if (rest.length > 0 && /^[\w-]+$/.test(first) && !existsSync(first))
    throw usage(`There is neither a file nor a pipeline "${first}". Pipelines are ${known.join(", ")}.`);
  return requestOf(ECOMMERCE.name, positionals);
}

function requestOf(name: string, files: readonly string[]): ImportRequest {
  const isEcommerce = name === ECOMMERCE.name;
  if (files.length === 0) {
    const example = isEcommerce ? "ingot import orders.csv" : `ingot import ${name} *.csv`;
    throw usage(`Name the files to import: ${example}`);
  }
  return { pipeline: isEcommerce ? undefined : name, files };
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

const usage = (text: string): IngotError => new IngotError("usage", text);
