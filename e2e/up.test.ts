import { describe, expect, it } from "vitest";
import { finished, temporaryLake, until } from "./support.ts";

const KPIS = ["aov", "revenue_by_channel", "revenue_by_country", "sales_by_day", "top_products"];

describe("ingot up", () => {
  it("fills gold within 15 seconds, keeps changing it, and stops cleanly", { timeout: 60_000 }, async () => {
    const lake = temporaryLake();
    const child = lake.start("up", { POLL_INTERVAL: "1s" });
    const end = finished(child);
    await until("five KPIs", () => Object.keys(lake.gold()).length === 5, 15_000);
    expect(Object.keys(lake.gold()).sort()).toEqual(KPIS);
    const first = lake.gold().aov;
    await until("another average order value", () => lake.gold().aov !== first, 15_000);
    const manifest = JSON.parse(lake.read("gold/latest/manifest.json"));
    expect(Object.keys(manifest.kpis).sort()).toEqual(KPIS);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await end;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("gold/latest");
    expect(stdout.split("\n").length).toBeLessThan(25);
  });
});
