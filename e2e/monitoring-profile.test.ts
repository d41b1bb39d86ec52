import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { CONFIG, has, PANELS, read } from "./monitoring/files.ts";
import { REPOSITORY } from "./support.ts";

describe("the monitoring profile", () => {
  const hasPromtool = has("promtool");

  test.skipIf(!hasPromtool)(
    "has a configuration that Prometheus takes, and alerts that fire when they should",
    () => {
      const check = (...args: string[]) =>
        execFileSync("promtool", args, { cwd: REPOSITORY, encoding: "utf8" });
      expect(check("check", "config", "infra/monitoring/prometheus.yml")).toContain("SUCCESS");
      expect(check("test", "rules", "e2e/monitoring/alerts.test.yml")).toContain("SUCCESS");
    },
  );

  test("asks the services at the port where the image has them", () => {
    const [{ dns_sd_configs }] = CONFIG.scrape_configs;
    const image = readFileSync(path.join(REPOSITORY, "infra/Dockerfile"), "utf8");
    expect(image).toContain(`HEALTH_PORT=${dns_sd_configs[0].port}`);
    expect(dns_sd_configs[0].names).toEqual(["generator", "cleaner", "aggregator", "scheduler"]);
  });

  test("has a dashboard whose panels stand side by side and ask the one data source", () => {
    const [{ uid }] = parse(read("grafana/provisioning/datasources/prometheus.yml")).datasources;
    const taken = new Map<string, string>();
    for (const { title, type, gridPos, targets = [] } of PANELS) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.get(`${x}/${y}`), `${title} stands on it`).toBeUndefined();
          taken.set(`${x}/${y}`, title);
        }
      }
      expect(targets.length > 0, title).toBe(type !== "row");
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      for (const { datasource } of targets) expect(datasource.uid).toBe(uid);
    }
    expect(new Set(PANELS.map(({ id }) => id)).size).toBe(PANELS.length);
  });

  test("is closed: pinned images, this machine alone, nothing to write to, no rights", () => {
    const { services, volumes } = parse(readFileSync(path.join(REPOSITORY, "docker-compose.yml"), "utf8"), {
      merge: true,
    });
    for (const name of ["prometheus", "grafana"]) {
      const service = services[name];
      expect(service).toMatchObject({
        profiles: ["monitoring"],
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
        image: expect.stringMatching(/:-[a-z/]+:v?\d+\.\d+\.\d+\}$/),
      });
      for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:/);
      for (const volume of service.volumes) {
        const [source, , mode] = volume.split(":");
        if (source in volumes) continue;
        expect(mode).toBe("ro");
        expect(existsSync(path.join(REPOSITORY, source)), source).toBe(true);
      }
    }
    for (const name of ["generator", "cleaner", "aggregator", "scheduler"]) {
      expect(services[name].environment.HEALTH_HOST).toBe("0.0.0.0");
      expect(services[name].ports, "nothing of a service is published").toBeUndefined();
    }
  });
});
