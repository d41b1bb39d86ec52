import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { ROLES } from "@ingot/common";
import { generateCommand } from "@ingot/generator";
import { loadPipeline, pipelineNames } from "@ingot/pipelines/batch";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { runPipelineCommand } from "../services/scheduler/src/run/run-command.ts";
import { REPOSITORY } from "./support.ts";

const FOLDER = path.join(REPOSITORY, "infra/orchestration");
const DAGS = readFileSync(path.join(FOLDER, "airflow/ingot_pipelines.py"), "utf8");
const COMMANDS = [generateCommand, runPipelineCommand];
const NAMES = await pipelineNames();

interface Flow {
  id: string;
  tasks: { id: string; flowId?: string; timeout?: string; inputs: { role: string; command: string } }[];
  triggers?: { cron: string; timezone: string }[];
  concurrency?: { limit: number };
}

const flows = new Map(
  readdirSync(path.join(FOLDER, "kestra")).map((file) => {
    const flow: Flow = parse(readFileSync(path.join(FOLDER, "kestra", file), "utf8"));
    expect(`${flow.id}.yml`).toBe(file);
    return [flow.id, flow];
  }),
);

/** Words and flags of a command, whatever its templates put behind the flags; throws where Ingot has no such thing. */
function checkCommand(text: string): void {
  const [name, pipeline] = text.split(/[ {]/);
  const command = COMMANDS.find((known) => known.name === name);
  expect(NAMES, text).toContain(pipeline);
  const flags = text.match(/--[a-z]+/g) ?? [];
  for (const flag of flags) expect(Object.keys(command?.flags ?? {}), text).toContain(flag.slice(2));
}

describe("flows for Kestra", () => {
  it("one for each pipeline, beside the one that they call", () => {
    expect([...flows.keys()].sort()).toEqual(["ingot", ...NAMES].sort());
  });

  it.each(NAMES)("%s runs on the pipeline's schedule, alone, by commands that there are", async (name) => {
    const { tasks, triggers, concurrency } = flows.get(name)!;
    const { schedule } = await loadPipeline(name);
    if (schedule.cron !== undefined) expect(triggers?.map(({ cron }) => cron)).toEqual([schedule.cron]);
    expect(concurrency?.limit).toBe(1);
    for (const { flowId, inputs } of tasks) {
      expect(flows.keys()).toContain(flowId);
      expect(ROLES).toContain(inputs.role);
      checkCommand(inputs.command);
    }
    expect(tasks.at(-1)?.inputs.command).toMatch(new RegExp(`^run ${name} --wait`));
  });
});

describe("DAGs for Airflow", () => {
  it.each(NAMES)("%s has one, on the pipeline's schedule", async (name) => {
    const cron = new RegExp(`with pipeline\\(\\s*"${name}",\\s*"([^"]+)"`).exec(DAGS)?.[1];
    const { schedule } = await loadPipeline(name);
    expect(cron).toBe(schedule.cron ?? "0 * * * *");
    expect(DAGS).toContain(`"run ${name} --wait"`);
  });

  it("call commands that there are, with roles that there are", () => {
    const calls = [...DAGS.matchAll(/"((?:run|generate) [^"]+)"/g)].map((match) => match[1]!);
    expect(calls.length).toBeGreaterThanOrEqual(NAMES.length + 1);
    for (const call of calls) checkCommand(call);
    const flags = new Set(DAGS.match(/--[a-z]+/g));
    expect(flags).toEqual(new Set(["--from", "--to", "--wait"]));
    const roles = [...DAGS.matchAll(/ingot\(\s*"\w+",\s*"(\w+)"/g)].map((match) => match[1]);
    expect(roles).toHaveLength(calls.length);
    for (const role of roles) expect(ROLES).toContain(role);
  });
});
