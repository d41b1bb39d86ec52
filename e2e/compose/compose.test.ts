import { readAll } from "@ingot/common";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { naiveGold } from "../naive-gold.ts";
import { pause } from "../support.ts";
import { createDeployment, type Deployment } from "./deployment.ts";

const KPIS = ["aov", "revenue_by_channel", "revenue_by_country", "sales_by_day", "top_products"];
const SERVICES = ["generator", "cleaner", "aggregator", "scheduler", "dashboard"];
/** What is open on this machine. */
const PUBLISHED: Readonly<Record<string, string[]>> = {
  dashboard: ["127.0.0.1"],
  store: ["127.0.0.1", "127.0.0.1"],
};

describe("docker compose up", () => {
  let deployment: Deployment;
  const all = async () => (await Promise.all(SERVICES.map(deployment.containers))).flat();

  beforeAll(async () => {
    deployment = await createDeployment({
      POLL_INTERVAL: "1s",
      GENERATOR_HISTORY_DAYS: "5",
      LOG_FORMAT: "json",
    });
    await deployment.compose("build credentials");
  });
  afterAll(() => deployment?.remove());

  test("brings up the store, its buckets and users, and healthy services", async () => {
    await deployment.compose("up --detach --wait --wait-timeout 180");
    for (const { service, state, health } of await all()) {
      expect({ service, state, health }).toEqual({ service, state: "running", health: "healthy" });
    }
  });

  test("fills gold", async () => {
    const gold = deployment.layer("gold");
    await eventually("five KPIs in gold", 60_000, async () => {
      const keys = (await Array.fromAsync(gold.list({ prefix: "latest/" }))).map(({ key }) => key);
      return KPIS.every((kpi) => keys.includes(`latest/${kpi}.csv`));
    });
  });

  test("runs services that are closed: no root, nothing to write to, no rights, no secrets in image or environment", async () => {
    const secrets = [
      "store/root_password",
      "cleaner/secret_key",
      "cleaner/email_hash_key",
      "dashboard/token",
    ].map(deployment.secret);
    for (const { id, service } of await all()) {
      const { Config, HostConfig, NetworkSettings } = await deployment.inspect(id);
      expect(Config.User).toBe("ingot");
      expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ["ALL"] });
      const hosts = Object.values(NetworkSettings.Ports).flatMap((bindings) =>
        (bindings ?? []).map(({ HostIp }) => HostIp),
      );
      expect({ service, hosts }).toEqual({ service, hosts: PUBLISHED[service] ?? [] });
      for (const secret of secrets) expect(Config.Env.join("\n")).not.toContain(secret);
    }
    const history = await deployment.docker("history", "--no-trunc", "ingot");
    const files = await deployment.compose(
      "run --rm --no-deps --entrypoint ls ingot -R /app/packages /app/services",
    );
    for (const secret of secrets) expect(history).not.toContain(secret);
    expect(files).not.toContain("/test");
    const [store] = await deployment.containers("store");
    const bindings = Object.values((await deployment.inspect(store!.id)).NetworkSettings.Ports).flat();
    expect(bindings.filter(Boolean).map((binding) => binding?.HostIp)).toEqual(PUBLISHED.store);
  });

  test("gives each service its own secrets and no other's", async () => {
    const [aggregator] = await deployment.containers("aggregator");
    const seen = await deployment.docker("exec", aggregator!.id, "ls", "/run/ingot");
    expect(seen.trim().split("\n").sort()).toEqual(["access_key", "secret_key"]);
    const read = await deployment.docker("exec", aggregator!.id, "cat", "/run/ingot/access_key");
    expect(read.trim()).toBe("ingot-aggregator");
  });

  test("the dashboard shows gold to who has its password, and to nobody else", async () => {
    const url = `http://127.0.0.1:${deployment.dashboardPort}`;
    expect((await fetch(`${url}/api/sales`)).status).toBe(401);
    expect((await fetch(`${url}/`)).status).toBe(401);
    const authorization = `Basic ${btoa(`anybody:${deployment.secret("dashboard/token")}`)}`;
    const page = await fetch(`${url}/`, { headers: { authorization } });
    expect(await page.text()).toContain("<script");
    await eventually("the same revenue as in gold", 60_000, async () => {
      const answer = await fetch(`${url}/api/sales`, { headers: { authorization } });
      const rows = (await readAll(deployment.layer("gold"), "latest/aov.csv")).toString().split("\n");
      const { cards } = (await answer.json()) as { cards: { revenue: { value: number } } };
      return cards.revenue.value > 0 && cards.revenue.value.toFixed(2) === rows[1]?.split(",")[1];
    });
    const status = await (await fetch(`${url}/api/status`, { headers: { authorization } })).json();
    expect(status).toMatchObject({ is_blocked: false });
  });

  test("may be called again: credentials and data stay", async () => {
    const before = deployment.secret("generator/secret_key");
    const objects = (await Array.fromAsync(deployment.layer("bronze").list())).length;
    await deployment.compose("up --detach --wait --wait-timeout 180");
    expect(deployment.secret("generator/secret_key")).toBe(before);
    expect((await Array.fromAsync(deployment.layer("bronze").list())).length).toBeGreaterThanOrEqual(objects);
  });

  test("four cleaners share a backlog", async () => {
    await deployment.compose("stop cleaner");
    const batch = "generate --ticks 150 --seed 9 --start 2024-01-01T00:00:00Z";
    await deployment.compose(`run --rm --no-deps generator ${batch}`);
    await deployment.compose("up --detach --wait --wait-timeout 180 --scale cleaner=4");
    const silver = deployment.layer("silver");
    const waiting = new Set(
      (await Array.fromAsync(deployment.layer("bronze").list())).map(({ key }) => key).filter(isOfBacklog),
    );
    expect(waiting.size).toBe(450);
    await eventually("the backlog in silver", 120_000, async () => {
      const done = await Array.fromAsync(silver.list());
      return done.filter(({ key }) => isOfBacklog(key)).length === waiting.size;
    });
    const shares = [0, 0, 0, 0];
    for (const line of (await deployment.compose("logs --no-color cleaner")).split("\n")) {
      const replica = Number(/^cleaner-(\d)/.exec(line)?.[1]);
      if (isOfBacklog(line)) shares[replica - 1]! += 1;
    }
    console.info(`backlog of 450 objects, cleaned by four: ${shares.join(", ")}`);
    expect(Math.min(...shares)).toBeGreaterThan(0);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThan(675);
  });

  test("containers that crash come back by themselves", async () => {
    for (const service of ["cleaner", "aggregator", "generator"]) {
      const [victim] = await deployment.containers(service);
      const { State } = await deployment.inspect(victim!.id);
      process.kill(State.Pid, "SIGKILL");
      await eventually(`${service} started again`, 60_000, async () => {
        const { RestartCount, State } = await deployment.inspect(victim!.id);
        return RestartCount === 1 && State.Pid > 0;
      });
    }
    const [store] = await deployment.containers("store");
    process.kill((await deployment.inspect(store!.id)).State.Pid, "SIGKILL");
    await eventually("all healthy again", 120_000, async () =>
      [...(await deployment.containers("store")), ...(await all())].every(
        ({ health }) => health === "healthy",
      ),
    );
  });

  test("a service that makes no progress is unhealthy, and healthy again when it does", async () => {
    await deployment.compose("stop store");
    const health = async () => (await all()).map((container) => container.health);
    await eventually("unhealthy without a store", 200_000, async () =>
      (await health()).every((it) => it === "unhealthy"),
    );
    await deployment.compose("start store");
    await eventually("healthy with it", 120_000, async () =>
      (await health()).every((it) => it === "healthy"),
    );
  });

  test("after all this, gold is what a naive computation from bronze gives", async () => {
    await deployment.compose("stop generator");
    const status = async () => JSON.parse(await deployment.compose("run --rm --no-deps ingot status --json"));
    await eventually("nothing waits", 120_000, async () => {
      const { backlog } = await status();
      return backlog.bronze === 0 && backlog.silver === 0;
    });
    await pause(3_000);
    const gold = deployment.layer("gold");
    const naive = naiveGold(await deployment.copyOfBronze());
    for (const kpi of KPIS) {
      expect({ kpi, csv: (await readAll(gold, `latest/${kpi}.csv`)).toString() }).toEqual({
        kpi,
        csv: naive[kpi],
      });
    }
  });

  test("the doctor finds nothing wrong", async () => {
    const report = await deployment
      .compose("run --rm --no-deps doctor")
      .catch((error) => `${error}\n${error.stdout}`);
    expect(report).not.toContain("✗");
    expect(report).toContain("✓");
  });

  test("services stop within their grace period, by themselves", async () => {
    const containers = (await all()).filter(({ state }) => state === "running");
    const start = Date.now();
    await deployment.compose("stop cleaner aggregator");
    expect(Date.now() - start).toBeLessThan(10_000);
    for (const { id, service } of containers) {
      const { State } = await deployment.inspect(id);
      expect({ service, code: State.ExitCode }).toEqual({ service, code: 0 });
    }
  });
});

function isOfBacklog(text: string): boolean {
  return text.includes("/dt=2024-01-");
}

/** Waits until `condition` holds. @throws after `timeoutMs`, with what was awaited */
async function eventually(what: string, timeoutMs: number, condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await pause(500);
  }
}
