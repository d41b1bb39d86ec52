import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { batchPipelines } from "@ingot/pipelines";
import { describe, expect, test } from "vitest";
import { copyInto, type Lake, REPOSITORY, temporaryLake } from "./support.ts";

const SAMPLE = path.join(REPOSITORY, "e2e/sample/bronze");

const ORDER = "order_id,customer_id,product,quantity,unit_price,total_amount,order_ts,channel";

/** Files in the folders of other pipelines that look as if they were the e-commerce pipeline's, by layer. */
function lookalikes(pipeline: string): Record<string, string> {
  const order = `o-${pipeline},c1,tea,1,99,99,2026-01-01T10:00:00Z,web`;
  const person = `{"customer_id":"${pipeline}","email":"ada@example.com","country":"FR"}`;
  return {
    [`bronze/${pipeline}/orders_lookalike.csv`]: `${ORDER}\n${order}\n`,
    [`bronze/${pipeline}/clicks/dt=2026-01-01/clicks_x.txt`]: "customer_id,page,ip,ts\nc1,/,no,no\n",
    [`bronze/${pipeline}/month=2026-11/customers.json`]: `[${person}]`,
    [`silver/${pipeline}/orders/dt=2026-01-01/orders_clean_x.csv`]: "not,a,silver,header\n",
    [`silver/${pipeline}/sales/sale_date=2026-01-01/sales_2026-01-01.parquet`]: "PAR1",
    [`quarantine/${pipeline}/clicks/dt=2026-01-01/clicks_x.txt.rejected.jsonl`]: `{"line":2,"reason":"invalid_ip","raw":"c1,/,no,no"}\n`,
    [`gold/${pipeline}/latest/sales_by_day.csv`]: "order_date,revenue\n",
    [`gold/${pipeline}/latest/sales_by_day_20200101T000000.csv`]: "order_date,revenue\n",
    [`gold/${pipeline}/_runs/20260101T000000Z-0000.json`]: "{}",
  };
}

function put(lake: Lake, files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    const target = path.join(lake.folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
    // Old enough for any retention.
    utimesSync(target, new Date("2020-01-01"), new Date("2020-01-01"));
  }
}

const isOthers = (file: string): boolean => batchPipelines().some((name) => file.startsWith(`${name}/`));

/** What does not differ between two runs of the same work. */
const timeless = (text: string): string =>
  text
    .replace(/"(?:updated_at|run_at|at|took_ms|tookMs|lag_seconds|bytes)": ?("[^"]*"|[\d.]+)/g, '"…"')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?|\d{8}T\d{6}(_[0-9a-f]{8})?/g, "TIME")
    .replace(/[\d.,]+ (?:s|ms)\b|file:\/\/\S+|\/\S*ingot-e2e-\w+/g, "…");

interface Seen {
  said: Record<string, string>;
  layers: Record<string, string[]>;
  gold: Record<string, string>;
}

/** Lets all of the e-commerce pipeline's commands work on a lake, and notes what they say and leave. */
async function workedOn(lake: Lake): Promise<Seen> {
  const said: Record<string, string> = {};
  const options = { BRONZE_RETENTION_DAYS: "1000", QUARANTINE_RETENTION_DAYS: "1000" };
  for (const command of [
    "clean --once",
    "aggregate --once",
    "check --json",
    "status --json",
    "forget C1",
    "rebuild --from bronze",
    "doctor --json",
  ]) {
    const { code, stdout, stderr } = await lake.ingot(command, options);
    expect(code, `${command}: ${stderr}`).toBeLessThan(2);
    const {
      pipelines,
      lake: url,
      schemas,
      ...status
    } = command === "status --json" ? JSON.parse(stdout) : {};
    said[command] = timeless(command === "status --json" ? JSON.stringify(status) : stdout);
    // In which order files are cleaned, and so what is new in which, is up to chance.
    const warnings = stderr
      .split("\n")
      .filter((line) => /"(?:warn|error)"/.test(line) && !line.includes("schema/"));
    said[`warnings of ${command}`] = timeless(warnings.join("\n"));
  }
  const layers = Object.fromEntries(
    ["bronze", "silver", "quarantine", "gold"].map((layer) => [
      layer,
      lake
        .files(layer)
        .filter((file) => !isOthers(file))
        .map(timeless),
    ]),
  );
  return { said, layers, gold: lake.gold() };
}

describe("files in the folders of other pipelines", () => {
  test("are nothing to the e-commerce pipeline, whatever their names", { timeout: 60_000 }, async () => {
    expect(batchPipelines()).toEqual(expect.arrayContaining(["sme-sales", "wine-merchant"]));
    const [alone, shared] = [temporaryLake(), temporaryLake()];
    for (const lake of [alone, shared]) copyInto(lake, SAMPLE);
    const others = Object.assign({}, ...batchPipelines().map(lookalikes));
    put(shared, others);
    const [expected, seen] = await Promise.all([workedOn(alone), workedOn(shared)]);
    const notSearched = /^Not searched: the files of .*$/m;
    expect(seen.said["forget C1"]).toMatch(notSearched);
    seen.said["forget C1"] = seen.said["forget C1"]!.replace(notSearched, "").trimEnd();
    expected.said["forget C1"] = expected.said["forget C1"]!.trimEnd();
    expect(seen).toEqual(expected);
    for (const [file, text] of Object.entries(others)) expect(shared.read(file), file).toBe(text);
  });
});
