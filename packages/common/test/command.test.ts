import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { columns } from "../src/command.ts";
import { OPTIONS, type OptionSpec } from "../src/options.ts";

const GREET = fileURLToPath(new URL("./fixtures/greet.ts", import.meta.url));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Calls the command as a user does. `onOutput` is told everything it has printed so far. */
function greet(
  argv: readonly string[],
  {
    env = {},
    onOutput,
  }: { env?: Record<string, string>; onOutput?: (stdout: string, pid: number) => void } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [GREET, ...argv], { env: { NO_COLOR: "1", ...env } });
    const ended: Ended = { code: null, stdout: "", stderr: "" };
    child.stdout.on("data", (text) => {
      ended.stdout += text;
      onOutput?.(ended.stdout, child.pid!);
    });
    child.stderr.on("data", (text) => {
      ended.stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...ended, code }));
  });
}

describe.concurrent("a command", () => {
  test("explains itself", async () => {
    const { code, stdout, stderr } = await greet(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const part of [
      "Say hello.",
      "Usage: ingot greet <words…> [options]",
      "Prints what it was called with.",
      "--loud",
      "in capitals",
      "--name-of-the-one-who-is-greeted NAME",
      "ingot greet --loud hello",
      "0 done, 1 failed, 2 called wrongly",
    ]) {
      expect(stdout).toContain(part);
    }
    for (const name of ["lakeUrl", "pollInterval", "emailHashKey", "s3PathStyle"] as const) {
      const { flag, variable, help, default: usual }: OptionSpec = OPTIONS[name];
      expect(stdout).toContain(flag === undefined ? `  ${variable} ` : `--${flag}, ${variable}`);
      expect(stdout).toContain(usual === undefined ? help : `${help} (default: ${usual})`);
    }
    expect(stdout).not.toContain("--email");
  });

  test("is given its own flags, its words and all options", async () => {
    const argv = ["hello", "--loud", "--seed", "7", "--name-of-the-one-who-is-greeted=Ana", "you"];
    const { code, stdout, stderr } = await greet(argv, { env: { POLL_INTERVAL: "7s" } });
    expect({ code, ...JSON.parse(stdout) }).toEqual({
      code: 0,
      flags: { loud: true, "name-of-the-one-who-is-greeted": "Ana" },
      positionals: ["hello", "you"],
      pollInterval: 7000,
      generatorSeed: 7,
    });
    expect(JSON.parse(stderr), "logs stay out of the results").toMatchObject({
      level: "info",
      service: "greeter",
      msg: "said it",
    });
  });

  test("takes a flag rather than a variable", async () => {
    const env = { POLL_INTERVAL: "7s", LOG_LEVEL: "silent" };
    const { stdout, stderr } = await greet(["--poll-interval", "9s"], { env });
    expect(JSON.parse(stdout).pollInterval).toBe(9000);
    expect(stderr).toBe("");
  });

  test.each([
    ["an unknown flag", ["--quiet"], ["--quiet", "`ingot greet --help`"]],
    ["a flag without its value", ["--lake"], ["--lake", "`ingot greet --help`"]],
    ["a secret as a flag", ["--email-hash-key", "x"], ["--email-hash-key", "`ingot greet --help`"]],
    [
      "a value that is not allowed",
      ["--poll-interval", "soon"],
      ["--poll-interval", "POLL_INTERVAL", '"soon"'],
    ],
  ])("ends with code 2 after %s", async (_what, argv, parts) => {
    const { code, stdout, stderr } = await greet(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: .*\n$/);
    for (const part of parts) expect(stderr).toContain(part);
  });

  test("ends with code 1 after a failure, which it says in a line", async () => {
    const { code, stderr } = await greet(["fail"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "error: The storage does not answer\n" });
  });

  test("shows where a bug is", async () => {
    const { code, stderr } = await greet(["crash"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: a bug\n[\s\S]*greet\.ts:\d+/);
  });

  test("goes on with its work when nobody reads what it prints any more", async () => {
    const child = spawn(process.execPath, [GREET, "wait"], { env: { NO_COLOR: "1", LOG_LEVEL: "silent" } });
    let stderr = "";
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.stdout.once("data", () => {
      child.stdout.destroy();
      child.kill("SIGTERM");
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test.each(["SIGINT", "SIGTERM"] as const)("stops in its own time after %s", async (signal) => {
    let isSent = false;
    const { code, stdout } = await greet(["wait"], {
      onOutput: (_stdout, pid) => {
        if (!isSent) process.kill(pid, signal);
        isSent = true;
      },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ready\nstopping\n\{/);
  });

  test("ends at once when it is interrupted again", async () => {
    const { code, stdout } = await greet(["hang"], {
      onOutput: (_stdout, pid) => process.kill(pid, "SIGINT"),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: "ready\nstopping\n" });
  });
});

describe("two columns", () => {
  test("line up, and a long left side has a line of its own", () => {
    const long = "x".repeat(40);
    expect(
      columns([
        { left: "--a", right: "first" },
        { left: long, right: "second" },
      ]),
    ).toBe(`  --a${" ".repeat(31)}first\n  ${long}\n  ${" ".repeat(34)}second`);
  });

  test("are as narrow as they can be", () => {
    expect(
      columns([
        { left: "--a", right: "first" },
        { left: "--bcd", right: "second" },
      ]),
    ).toBe("  --a    first\n  --bcd  second");
  });
});
