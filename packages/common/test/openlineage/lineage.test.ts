import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { IngotError } from "../../src/errors.ts";
import { lakeLocation } from "../../src/lake-location.ts";
import { lineageName } from "../../src/openlineage/dataset-name.ts";
import type { RunData } from "../../src/openlineage/events.ts";
import { openLineage } from "../../src/openlineage/open-lineage.ts";
import { toldPass } from "../../src/openlineage/told-pass.ts";
import { readSettings } from "../../src/options.ts";
import type { PassReport } from "../../src/polling.ts";
import { recordingLogger } from "../support/recorders.ts";
import { checkEvent } from "./check-event.ts";
import { eventsOf, openReceiver, type Receiver } from "./receiver.ts";

const DATA: RunData = {
  inputs: [
    { namespace: "file", name: "/lake/bronze/orders", columns: [{ name: "order_id" }], rows: 3, files: 1 },
  ],
  outputs: [
    {
      namespace: "file",
      name: "/lake/silver/orders",
      columns: [{ name: "order_id", type: "VARCHAR" }],
      rows: 2,
      checks: [
        {
          assertion: "not_null",
          success: false,
          column: "order_id",
          actual: "1 rows fail",
          query: "select 1",
        },
      ],
    },
  ],
};
const NOTHING: RunData = { inputs: [], outputs: [] };
const FAST = { timeoutMs: 300, firstBackoffMs: 5, maxBackoffMs: 20, closeMs: 400 };

function lineageTo(
  { url }: Pick<Receiver, "url">,
  { apiKey, limits = FAST }: { apiKey?: string; limits?: object } = {},
) {
  const { logger, lines } = recordingLogger();
  const lineage = openLineage({ url, apiKey, namespace: "shop", clock: systemClock, logger, limits });
  return { lineage, job: lineage.job("clean"), lines };
}

const statesOf = (receiver: Receiver): string[] => eventsOf(receiver).map(({ eventType }) => eventType);
const states = (receiver: Receiver) => statesOf(receiver).join(" ");

describe("a run", () => {
  test("is told when its work begins and when it ends, with all that it read and wrote", async () => {
    const receiver = await openReceiver();
    const { lineage, job } = lineageTo(receiver, { apiKey: "key" });
    const run = job.run();
    run.begin();
    run.begin();
    run.complete(DATA);
    await lineage.close();
    expect(receiver.received).toMatchObject([
      { path: "/api/v1/lineage", authorization: "Bearer key", event: { eventType: "START", inputs: [] } },
      { path: "/api/v1/lineage", authorization: "Bearer key", event: { eventType: "COMPLETE" } },
    ]);
    const [start, end] = eventsOf(receiver);
    for (const event of [start!, end!]) checkEvent(event);
    expect(end!.run.runId).toBe(start!.run.runId);
    expect(end!.job).toMatchObject({ namespace: "shop", name: "ingot.clean" });
    expect(end).toMatchObject({
      inputs: [
        {
          name: "/lake/bronze/orders",
          facets: { schema: { fields: [{ name: "order_id", ordinal_position: 1 }] } },
          inputFacets: {
            inputStatistics: { rowCount: 3, fileCount: 1 },
            dataQualityMetrics: { rowCount: 3 },
          },
        },
      ],
      outputs: [
        {
          facets: {
            dataQualityAssertions: {
              assertions: [
                { assertion: "not_null", success: false, column: "order_id", content: "select 1" },
              ],
            },
          },
          outputFacets: { outputStatistics: { rowCount: 2 } },
        },
      ],
    });
  });

  test("that has nothing to do is not told; one with a result is, also where it never began", async () => {
    const receiver = await openReceiver();
    const { lineage, job } = lineageTo(receiver);
    job.run().complete(NOTHING);
    job.run().abort();
    expect(receiver.tries).toBe(0);
    job.run().complete(DATA);
    await lineage.close();
    expect(states(receiver)).toBe("START COMPLETE");
  });

  test("that fails again and again is told once, and again when it fails otherwise", async () => {
    const receiver = await openReceiver();
    const { lineage, job } = lineageTo(receiver);
    const denied = new IngotError("storage_denied", "The store refused");
    const fail = (error: unknown): void => {
      const run = job.run();
      run.begin();
      run.fail(error, NOTHING);
    };
    for (let time = 0; time < 3; time += 1) fail(denied);
    fail(new IngotError("storage_unavailable", "No answer"));
    job.run().complete(NOTHING);
    fail(denied);
    await lineage.close();
    expect(states(receiver)).toBe("START FAIL START FAIL START FAIL");
    const messages = eventsOf(receiver).flatMap(({ run }) => run.facets.errorMessage?.message ?? []);
    expect(messages).toEqual([
      "storage_denied: The store refused",
      "storage_unavailable: No answer",
      "storage_denied: The store refused",
    ]);
    for (const event of eventsOf(receiver)) checkEvent(event);
  });

  test("tells of no error what stands in the data", async () => {
    const receiver = await openReceiver();
    const { lineage, job } = lineageTo(receiver);
    const secret = "ana@shop.example";
    for (const error of [
      new IngotError("silver_invalid", `line 3: ${secret}`, {
        context: { layer: "silver", key: "orders/a.csv" },
      }),
      new IngotError("kpi_failed", secret),
      new IngotError("incomplete", secret),
      new TypeError(secret),
    ]) {
      job.run().fail(error);
    }
    await lineage.close();
    expect(statesOf(receiver).filter((state) => state === "FAIL")).toHaveLength(4);
    expect(JSON.stringify(eventsOf(receiver))).not.toContain(secret);
    expect(JSON.stringify(eventsOf(receiver))).toContain("silver_invalid (silver orders/a.csv)");
  });
});

describe("a pass", () => {
  const report: PassReport = { moreInMs: undefined, failures: [] };
  const { signal } = new AbortController();

  async function told(pass: (signal: AbortSignal) => Promise<PassReport>, stop: AbortSignal = signal) {
    const receiver = await openReceiver();
    const { lineage, job } = lineageTo(receiver);
    const { logger } = recordingLogger();
    const meter = { begin: () => ({ read: () => undefined, end: () => undefined }), close: () => undefined };
    const one = toldPass(
      async (given) => {
        one.metered(() => meter)([5]);
        return pass(given);
      },
      { job, dataOf: async () => DATA, logger },
    );
    const outcome = await one.pass(stop).catch((error: unknown) => error);
    await lineage.close();
    return { outcome, states: states(receiver) };
  }

  test("is a run, with its own report", async () => {
    expect(await told(async () => report)).toEqual({ outcome: report, states: "START COMPLETE" });
  });

  test("that throws, that leaves objects behind and whose data may not be used is one that failed", async () => {
    const error = new IngotError("storage_denied", "no");
    const fail = async (): Promise<PassReport> => {
      throw error;
    };
    expect(await told(fail)).toEqual({ outcome: error, states: "START FAIL" });
    const partly = { ...report, failures: [{ key: "a", error }] };
    expect(await told(async () => partly)).toEqual({ outcome: partly, states: "START FAIL" });
    const blocked = { ...report, blocked: error };
    expect(await told(async () => blocked)).toEqual({ outcome: blocked, states: "START FAIL" });
  });

  test("that is stopped is one that was aborted", async () => {
    const stop = AbortSignal.abort();
    expect((await told(async () => report, stop)).states).toBe("START ABORT");
  });
});

describe("a receiver", () => {
  const end = (job: ReturnType<typeof lineageTo>["job"]): void => job.run().complete(DATA);

  test("that has a path of its own is asked there", async () => {
    const receiver = await openReceiver();
    const { lineage, job } = lineageTo({ url: `${receiver.url}/openlineage/v1` });
    end(job);
    await lineage.close();
    expect(receiver.received.map(({ path }) => path)).toEqual(["/openlineage/v1", "/openlineage/v1"]);
  });

  test("that is away for a while gets everything in its order; it is logged once", async () => {
    const receiver = await openReceiver();
    receiver.answer = (tries) => (tries <= 4 ? 503 : 201);
    const { lineage, job, lines } = lineageTo(receiver);
    for (let time = 0; time < 3; time += 1) end(job);
    await expect.poll(() => receiver.received.length, { timeout: 5_000 }).toBe(6);
    await lineage.close();
    expect(states(receiver)).toBe("START COMPLETE START COMPLETE START COMPLETE");
    expect(lines.map(({ level, msg }) => [level, /for now|again/.exec(msg)?.[0]])).toEqual([
      ["warn", "for now"],
      ["info", "again"],
    ]);
  });

  test("that does not answer costs nobody any time, and little when the service stops", async () => {
    const receiver = await openReceiver();
    const { promise, resolve } = Promise.withResolvers<number>();
    receiver.answer = () => promise;
    const { lineage, job, lines } = lineageTo(receiver, { limits: { ...FAST, timeoutMs: 60_000 } });
    const start = performance.now();
    for (let time = 0; time < 100; time += 1) end(job);
    expect(performance.now() - start).toBeLessThan(200);
    await lineage.close();
    expect(performance.now() - start).toBeLessThan(1_500);
    expect(lines.at(-1)?.msg).toMatch(/^200 lineage events to http.* were not delivered\.$/);
    resolve(201);
  });

  test("that is not there is given up at once when the service stops", async () => {
    const { lineage, job, lines } = lineageTo(
      { url: "http://127.0.0.1:9" },
      { limits: { ...FAST, firstBackoffMs: 60_000, maxBackoffMs: 60_000, closeMs: 60_000 } },
    );
    end(job);
    const start = performance.now();
    await lineage.close();
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(lines.map(({ level }) => level)).toEqual(["warn", "warn"]);
  });

  test("that stays away loses the oldest events, which is said with their number", async () => {
    const receiver = await openReceiver();
    receiver.answer = () => 503;
    const { lineage, job, lines } = lineageTo(receiver, { limits: { ...FAST, most: 4 } });
    for (let time = 0; time < 10; time += 1) end(job);
    await expect.poll(() => receiver.tries).toBeGreaterThan(1);
    receiver.answer = () => 201;
    await expect.poll(() => receiver.received.length, { timeout: 5_000 }).toBe(4);
    await lineage.close();
    expect(states(receiver)).toBe("START COMPLETE START COMPLETE");
    expect(lines.filter(({ msg }) => /oldest are dropped/.test(msg))).toHaveLength(1);
    expect(lines.find(({ msg }) => /delivered again/.test(msg))).toMatchObject({ dropped: 16 });
  });

  test("that refuses one event gets the others", async () => {
    const receiver = await openReceiver();
    receiver.answer = (tries) => (tries === 1 ? 422 : 201);
    const { lineage, job, lines } = lineageTo(receiver);
    end(job);
    await lineage.close();
    expect(states(receiver)).toBe("COMPLETE");
    expect(lines.map(({ msg }) => msg)).toEqual([expect.stringContaining("refused: it answered 422")]);
  });
});

test.each([
  [{ LAKE_URL: "/srv/shop" }, "file", "/srv/shop/silver/orders"],
  [{ LAKE_URL: "s3://", BUCKET_PREFIX: "acme-" }, "s3://acme-silver", "orders"],
  [{ LAKE_URL: "s3://bucket/some/path" }, "s3://bucket", "some/path/silver/orders"],
])("the name of a dataset in %j", (env, namespace, name) => {
  const location = lakeLocation(readSettings({ flags: {}, env }));
  expect(lineageName(location, "silver", "orders")).toEqual({ namespace, name });
});
