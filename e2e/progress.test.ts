import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryLake } from "./support.ts";

/** What draws on a terminal: bars, and the controls that take them away. */
const DRAWN = ["█", "░", "\r", "\u001b"];

describe("where no terminal is", () => {
  it("long work leaves nothing of its progress in the output", { timeout: 60_000 }, async () => {
    const lake = temporaryLake();
    const commands = [
      "generate --ticks 15 --rows customers=1,orders=3,clicks=3",
      "clean --once",
      "aggregate --once",
      "compact",
      "rebuild --from bronze",
    ];
    for (const command of commands) {
      const { code, stdout, stderr } = await lake.ingot(command);
      expect({ command, code }).toEqual({ command, code: 0 });
      for (const sign of DRAWN) expect(stdout + stderr).not.toContain(sign);
    }
  });
});

describe("ingot import of many files", () => {
  const row = (id: string): string =>
    `{"customer_id":"${id}","page":"/","ip":"10.0.0.1","ts":"2026-01-01"}\n`;

  it("tells of each in the order given, and keeps files of one name apart", async () => {
    const lake = temporaryLake();
    const folders = Array.from({ length: 30 }, (_, at) => `folder-${at}`);
    for (const [at, folder] of folders.entries()) {
      mkdirSync(path.join(lake.folder, folder));
      writeFileSync(path.join(lake.folder, folder, "clicks.txt"), row(`c${at % 3}`));
    }
    const files = folders.map((folder) => `${folder}/clicks.txt`);
    const { code, stdout } = await lake.ingot(`import --json --date 2026-03-04 ${files.join(" ")}`);
    expect(code).toBe(0);
    const { imported } = JSON.parse(stdout);
    expect(imported.map(({ file }: { file: string }) => file)).toEqual(files);
    expect(imported[0]).toEqual({
      file: files[0],
      key: "clicks/dt=2026-03-04/clicks.txt",
      bytes: row("c0").length,
      created: true,
    });
    expect(imported.filter(({ created }: { created: boolean }) => created)).toHaveLength(3);
    expect(lake.files("bronze")).toHaveLength(3);
  });

  it("copies a file that is named twice once", async () => {
    const lake = temporaryLake();
    writeFileSync(path.join(lake.folder, "clicks.txt"), row("c1"));
    const { stdout } = await lake.ingot("import clicks.txt clicks.txt --date 2026-03-04");
    const line = "clicks.txt -> clicks/dt=2026-03-04/clicks.txt";
    expect(stdout).toBe(`${line}\n${line} (was there)\n`);
  });
});
