import { describe, expect, test } from "vitest";
import { policyOf, ROLES } from "../../src/storage/roles.ts";

const buckets = { bronze: "acme-bronze", silver: "silver", quarantine: "rejects", gold: "gold" };
const policy = (role: (typeof ROLES)[number], url = "s3://") =>
  policyOf(role, { url: new URL(url), buckets }, "minio");

describe("policies", () => {
  test("the generator may add to bronze, and nothing else", () => {
    expect(policy("generator").Statement).toEqual([
      {
        Sid: "BronzeObjects",
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
        Resource: ["arn:aws:s3:::acme-bronze/*"],
      },
    ]);
  });

  test("the dashboard reads silver and gold, sees what is elsewhere, and changes nothing", () => {
    const { Statement } = policy("dashboard");
    const mayOn = (action: string): string[] =>
      Statement.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource }) => Resource);
    expect(mayOn("s3:GetObject")).toEqual(["arn:aws:s3:::silver/*", "arn:aws:s3:::gold/*"]);
    expect(mayOn("s3:ListBucket")).toHaveLength(4);
    const changing = Statement.flatMap(({ Action }) => Action).filter((action) =>
      /Put|Delete|Abort/.test(action),
    );
    expect(changing).toEqual([]);
  });

  test("no role may delete versions, change buckets or use wildcards", () => {
    for (const role of ROLES) {
      const actions = policy(role)
        .Statement.filter(({ Effect }) => Effect === "Allow")
        .flatMap(({ Action }) => Action);
      expect(
        actions.filter((action) => /\*|Version|Put(?!Object$)|Bucket(Policy|Versioning)/.test(action)),
      ).toEqual([]);
    }
  });

  test("in a bucket that is shared with others, listing and objects are limited to the lake's folder", () => {
    const { Statement } = policy("cleaner", "s3://shared/the/lake");
    const objects = Statement.filter(({ Sid }) => Sid.endsWith("Objects")).flatMap(
      ({ Resource }) => Resource,
    );
    expect(objects).toEqual([
      "arn:aws:s3:::shared/the/lake/acme-bronze/*",
      "arn:aws:s3:::shared/the/lake/silver/*",
      "arn:aws:s3:::shared/the/lake/rejects/*",
    ]);
    const lists = Statement.filter(({ Action }) => Action.includes("s3:ListBucket"));
    expect(lists.map(({ Condition }) => Condition?.StringLike["s3:prefix"])).toEqual([
      ["the/lake/acme-bronze/*"],
      ["the/lake/silver/*"],
    ]);
  });

  test("in silver the aggregator may add the Parquet files of whole days, and no object of the cleaner", () => {
    const adding = policy("aggregator").Statement.filter(({ Action }) => Action.includes("s3:PutObject"));
    expect(adding.flatMap(({ Resource }) => Resource)).toEqual([
      "arn:aws:s3:::silver/parquet/*",
      "arn:aws:s3:::gold/*",
    ]);
  });

  test("only MinIO's policies have an action that other stores do not know", () => {
    const listens = (dialect: "minio" | "aws"): boolean =>
      JSON.stringify(policyOf("cleaner", { url: new URL("s3://"), buckets }, dialect)).includes("Listen");
    expect(listens("minio")).toBe(true);
    expect(listens("aws")).toBe(false);
  });
});
