import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { LAYERS, type Layer, type Right, ROLE_RIGHTS, ROLES, type Role, readAll } from "@ingot/common";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { S3Store } from "../packages/common/src/storage/s3/store.ts";
import { ownMinio } from "../packages/common/test/storage/s3-servers.ts";
import { PRODUCTS, SHOPS, salesFile } from "../services/scheduler/test/sme-files.ts";
import { type Finished, finished, REPOSITORY, startIngot } from "./support.ts";

/** The names that appear in raw files and nowhere else. */
const PREFIX = "acme-";

const minio = await ownMinio();
if (!minio) test.skip("privileges: did not run, `minio` and `mc` are not on the PATH", () => {});

describe.runIf(minio)(
  "the users of a MinIO, made as the compose file makes them",
  { timeout: 60_000 },
  () => {
    const endpoint = minio?.server.endpoint ?? "";
    const folder = mkdtempSync(path.join(tmpdir(), "ingot-privileges-"));
    const secrets = path.join(folder, "secrets");
    const secret = (name: string): string => readFileSync(path.join(secrets, name), "utf8").trim();

    /** Runs `ingot` with the credentials of a role (or of the administrator, in the folder `store`). */
    const ingotAs = (who: Role | "store", args: string): Promise<Finished> => {
      const [key, secretKey] =
        who === "store" ? ["root_user", "root_password"] : ["access_key", "secret_key"];
      const hashKey = path.join(secrets, "cleaner/email_hash_key");
      const env = {
        LAKE_URL: "s3://",
        BUCKET_PREFIX: PREFIX,
        S3_ENDPOINT: endpoint,
        S3_ACCESS_KEY_ID_FILE: path.join(secrets, who, key!),
        S3_SECRET_ACCESS_KEY_FILE: path.join(secrets, who, secretKey!),
        ...(existsSync(hashKey) ? { EMAIL_HASH_KEY_FILE: hashKey } : {}),
        WAREHOUSE_URL: path.join(folder, "warehouse.sqlite"),
        LOG_FORMAT: "json",
      };
      return finished(startIngot(args, { cwd: folder, env }));
    };

    const storeOf = (role: Role, layer: Layer): S3Store => {
      const access = {
        endpoint,
        region: "us-east-1",
        forcePathStyle: true,
        accessKeyId: secret(`${role}/access_key`),
        secretAccessKey: secret(`${role}/secret_key`),
      };
      return new S3Store({ access, bucket: `${PREFIX}${layer}` });
    };

    beforeAll(async () => {
      if (!minio) return;
      mkdirSync(path.join(secrets, "store"), { recursive: true });
      writeFileSync(path.join(secrets, "store/root_user"), minio.server.accessKeyId);
      writeFileSync(path.join(secrets, "store/root_password"), minio.server.secretAccessKey);
      expect(await ingotAs("store", `credentials ${secrets}`)).toMatchObject({ code: 0 });
      expect(await ingotAs("store", "init")).toMatchObject({ code: 0 });
      const { PATH } = process.env;
      for (let round = 0; round < 2; round++) {
        const { status, stderr } = spawnSync("sh", [path.join(REPOSITORY, "infra/store/users.sh")], {
          env: { PATH, SECRETS: secrets, STORE_URL: endpoint, MC_CONFIG_DIR: path.join(folder, "mc") },
          encoding: "utf8",
        });
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      }
    }, 60_000);

    afterAll(async () => {
      await minio?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    test("the services do their work with their own rights, and no name, e-mail or IP leaves bronze and quarantine", async () => {
      const generator = storeOf("generator", "bronze");
      const files = {
        "magasins.csv": SHOPS,
        "produits.csv": PRODUCTS,
        "ventes.csv": `${salesFile(20)}\n,,,`,
      };
      for (const [name, text] of Object.entries(files))
        await generator.write(`sme-sales/${name}`, Buffer.from(text));
      generator.close();
      for (const [who, args] of [
        ["scheduler", "schedule --once --poll-interval 100ms"],
        ["generator", "generate --ticks 8 --rows 400 --faults 0.05"],
        ["cleaner", "clean --once"],
        ["aggregator", "aggregate --once"],
      ] as const) {
        expect({ who, ...(await ingotAs(who, args)) }).toMatchObject({ who, code: 0 });
      }
      const gold = storeOf("operator", "gold");
      const runs = (await Array.fromAsync(gold.list({ prefix: "sme-sales/" }))).map(({ key }) => key);
      gold.close();
      expect(runs).toContain("sme-sales/latest/manifest.json");
      expect(runs).not.toContain("sme-sales/_runs/lease.json");
      const status = await ingotAs("operator", "status --json");
      const { backlog, layers } = JSON.parse(status.stdout);
      expect(backlog).toMatchObject({ bronze: 0, silver: 0 });
      expect(layers.quarantine.rows).toBeGreaterThan(0);

      const personal = await personalData(storeOf("operator", "bronze"));
      expect(personal.size).toBeGreaterThan(1_000);
      let objects = 0;
      for (const layer of ["silver", "gold"] as const) {
        const store = storeOf("operator", layer);
        for await (const { key } of store.list()) {
          // Nobody is named in these files; some people are called Price.
          if (key.startsWith("sme-sales/")) continue;
          const stat = await store.stat(key);
          const text = `${key}\n${JSON.stringify(stat?.metadata)}\n${await readAll(store, key)}`;
          const leaked = tokens(text).filter((token) => personal.has(token));
          expect({ key, leaked }).toEqual({ key, leaked: [] });
          objects += 1;
        }
        store.close();
      }
      expect(objects).toBeGreaterThan(25);
    });

    test("the generator fills and fills again the days of a chain of stores", async () => {
      const key = "retail-stores/sales/sale_date=2026-01-02/sales_2026-01-02.json";
      const days = "generate retail-stores --stores 1 --clients 60 --from 2026-01-01 --to 2026-01-02";
      const store = storeOf("operator", "bronze");
      const sales = [];
      for (const seed of [1, 2]) {
        expect(await ingotAs("generator", `${days} --seed ${seed}`)).toMatchObject({ code: 0, stderr: "" });
        sales.push(String(await readAll(store, key)));
        expect(JSON.parse(sales.at(-1)!)[0]).toMatchObject({ sale_date: "2026-01-02" });
      }
      expect(sales[1]).not.toBe(sales[0]);
      store.close();
    });

    const OPERATIONS: Readonly<Record<Right, (store: S3Store, existing: string) => Promise<unknown>>> = {
      add: (store) => store.write(`privileges/${Math.random()}`, Buffer.from("x"), { ifAbsent: true }),
      list: (store) => Array.fromAsync(store.list()),
      read: (store, existing) => readAll(store, existing),
      delete: (store, existing) => store.delete(existing),
    };

    for (const role of ROLES) {
      test(`${role}: what it may do works, everything else is refused`, async () => {
        for (const layer of LAYERS) {
          const operator = storeOf("operator", layer);
          const store = storeOf(role, layer);
          const existing = `privileges/${role}`;
          for (const [right, operate] of Object.entries(OPERATIONS) as [
            Right,
            (typeof OPERATIONS)[Right],
          ][]) {
            await operator.write(existing, Buffer.from("private"));
            const outcome = await operate(store, existing).then(
              () => "done",
              (error: { code: string }) => error.code,
            );
            const expected = ROLE_RIGHTS[role][layer]?.includes(right) ? "done" : "storage_denied";
            expect({ layer, right, outcome }).toEqual({ layer, right, outcome: expected });
          }
          store.close();
          operator.close();
        }
      });
    }

    test("whoever may only add can deliver files, once and again", async () => {
      const file = path.join(folder, "orders_privileges.csv");
      writeFileSync(file, "order_id,order_ts,quantity,unit_price\no1,2026-03-01,1,2.50\n");
      const deliver = async () => {
        const { code, stdout, stderr } = await ingotAs(
          "generator",
          `import ${file} --date 2026-03-01 --json`,
        );
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        return JSON.parse(stdout).imported[0];
      };
      const first = await deliver();
      expect(first).toMatchObject({ key: "orders/dt=2026-03-01/orders_privileges.csv", created: true });
      // What lies there cannot be seen: the second time it goes under a name with its hash, and never again.
      expect(await deliver()).toMatchObject({ created: true });
      expect(await deliver()).toMatchObject({ created: false });
    });

    test("large objects go in parts with the same rights", async () => {
      const store = storeOf("generator", "bronze");
      const bytes = Buffer.alloc(20_000_000, "x");
      expect(await store.write("privileges/large", bytes, { ifAbsent: true })).toEqual({ created: true });
      expect(await store.write("privileges/large", bytes, { ifAbsent: true })).toEqual({ created: false });
      store.close();
    });

    test("the operator forgets a person but for older versions, and says who has to go on", async () => {
      const bronze = storeOf("operator", "bronze");
      const customers = await Array.fromAsync(bronze.list({ prefix: "customers/" }));
      const [, first = ""] = (await readAll(bronze, customers[0]!.key)).toString().split("\n");
      const [id, , , email] = first.split(",");
      bronze.close();
      const asOperator = await ingotAs("operator", `forget ${id}`);
      expect(asOperator.code).toBe(1);
      expect(asOperator.stderr).toMatch(
        /Left to do[\s\S]*Older versions in bronze [\s\S]*as administrator of the store/,
      );
      expect(asOperator.stdout).toMatch(/bronze +orders +\d+ objects[\s\S]*The warehouse was filled anew/);
      expect(asOperator.stdout + asOperator.stderr).not.toContain(email);

      const asAdministrator = await ingotAs("store", `forget ${id}`);
      expect(asAdministrator).toMatchObject({ code: 0, stderr: "" });
      expect(asAdministrator.stdout).toMatch(
        /\d+ older versions of objects deleted for good[\s\S]*Recorded in gold/,
      );
      const records = asAdministrator.stdout.match(/bronze +orders .*/)?.[0];
      expect(asOperator.stdout).toContain(records);
    });

    test("what a generator writes over stays as an older version that nobody may delete", async () => {
      const store = storeOf("generator", "bronze");
      await store.write("privileges/over", Buffer.from("first"));
      await store.write("privileges/over", Buffer.from("second"));
      store.close();
      const mc = (args: readonly string[], who: Role | "store") => {
        const [user, password] =
          who === "store" ? ["root_user", "root_password"] : ["access_key", "secret_key"];
        const host = endpoint.replace(
          "://",
          `://${secret(`${who}/${user}`)}:${secret(`${who}/${password}`)}@`,
        );
        const env = { PATH: process.env.PATH, MC_HOST_s: host, MC_CONFIG_DIR: path.join(folder, "mc") };
        return spawnSync("mc", ["--json", ...args], { env, encoding: "utf8" });
      };
      const at = `s/${PREFIX}bronze/privileges/over`;
      const versions = mc(["ls", "--versions", at], "store").stdout.trim().split("\n");
      expect(versions).toHaveLength(2);
      for (const role of ROLES) {
        mc(["rm", "--versions", "--force", at], role);
        const left = mc(["ls", "--versions", at], "store").stdout.trim().split("\n").length;
        expect({ role, isLeft: left >= 2 }).toEqual({ role, isLeft: true });
      }
    });
  },
);

/** Words of a text as they could name somebody: e-mail addresses, IP addresses, words. */
function tokens(text: string): string[] {
  const addresses = text.match(/[^\s",;]+@[^\s",;]+|\d{1,3}(?:\.\d{1,3}){3}/g) ?? [];
  return [...addresses, ...(text.match(/(?<![\p{L}\p{N}_])\p{L}[\p{L}'’-]+(?![\p{L}\p{N}_])/gu) ?? [])].map(
    (token) => token.toLowerCase(),
  );
}

/** Every first and last name, e-mail address and IP address in bronze, but for words that name a product or page too. */
async function personalData(bronze: S3Store): Promise<Set<string>> {
  const found = new Set<string>();
  const ofProducts = new Set<string>();
  for await (const { key } of bronze.list()) {
    const text = (await readAll(bronze, key)).toString("utf8");
    if (key.startsWith("clicks/"))
      for (const [ip] of text.matchAll(/\d{1,3}(?:\.\d{1,3}){3}/g)) found.add(ip);
    for (const [, value] of text.matchAll(/"(?:product|page)": ?"([^"]*)"/g)) {
      for (const token of tokens(value!)) ofProducts.add(token);
    }
    if (!key.startsWith("customers/")) continue;
    for (const line of text.split("\n").slice(1)) {
      const [, first, last, email] = line.split(",");
      for (const value of [first, last, email])
        if (value) for (const token of tokens(value)) found.add(token);
    }
  }
  bronze.close();
  return found.difference(ofProducts);
}
