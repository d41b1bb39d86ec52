import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const INGOT = fileURLToPath(new URL("../../packages/cli/ingot.mjs", import.meta.url));
const MAX_OUTPUT = 512 * 1024 * 1024;

/** Where and with which options `ingot` runs. */
export interface Surroundings {
  /** Current folder. */
  cwd: string;
  env: Record<string, string>;
}

/** These variables, and no others of this machine than a process needs. */
function environment(env: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, ...env };
}

/** Starts `ingot`. @param log a file that gets all that it writes */
export function startIngot(args: string, log: string, { cwd, env }: Surroundings): ChildProcess {
  const output = openSync(log, "a");
  try {
    const stdio = ["ignore", output, output] as const;
    return spawn(process.execPath, [INGOT, ...args.split(" ")], {
      cwd,
      env: environment(env),
      stdio: [...stdio],
    });
  } finally {
    closeSync(output);
  }
}

/** Runs `ingot` to its end. @returns what it printed, and what it said where it failed */
export async function runIngot(
  args: readonly string[],
  { cwd, env }: Surroundings,
): Promise<{ stdout: string; failure?: string }> {
  const options = { cwd, env: environment(env), maxBuffer: MAX_OUTPUT };
  try {
    const { stdout } = await run(process.execPath, [INGOT, ...args], options);
    return { stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as Error & Record<"code" | "stdout" | "stderr", string>;
    return { stdout, failure: `ingot ${args.join(" ")} ended with ${code}: ${stderr.trim()}` };
  }
}
