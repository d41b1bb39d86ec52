import { randomBytes } from "node:crypto";
import { chown, link, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  type Command,
  type CommandContext,
  IngotError,
  lakeLocation,
  messageOf,
  policyOf,
  ROLES,
} from "@ingot/common";

export const credentialsCommand: Command = {
  name: "credentials",
  summary: "Make up credentials for a store and for each of its users, and the users' policies.",
  description: `Into a folder, one value a file, so that each service can be given its own and no other:

  store/root_user, store/root_password   the store's administrator, also for its console
  <role>/access_key, <role>/secret_key   generator, cleaner, aggregator, scheduler, dashboard, operator
  cleaner/email_hash_key                 the secret of EMAIL_HASH_KEY
  dashboard/token                        the password of the dashboard, DASHBOARD_TOKEN
  policies/<role>.json                   what the role may do in the lake's buckets

What is there already is kept, so it may be called again; only the policies are written anew. Nothing is
asked of the store: infra/store/users.sh makes the users on a MinIO.`,
  positionals: "<folder>",
  flags: {
    group: {
      value: "GID",
      help: "number of the group that may read the files (default: nobody but the owner)",
    },
    dialect: { value: "NAME", help: "of the policies: minio (default), or aws for every other store" },
  },
  options: ["lakeUrl", "bucketPrefix", "bronzeBucket", "silverBucket", "quarantineBucket", "goldBucket"],
  examples: [
    "ingot credentials infra/secrets --lake s3://",
    "ingot credentials keys --lake s3://shop --dialect aws",
  ],
  run: makeCredentials,
};

const ADMINISTRATOR = "ingot-admin";

async function makeCredentials({ settings, flags, positionals, print }: CommandContext): Promise<void> {
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) {
    throw new IngotError("usage", "Name the folder to put them into: ingot credentials infra/secrets");
  }
  const group = flags.group === undefined ? undefined : Number(flags.group);
  if (group !== undefined && !(Number.isInteger(group) && group >= 0)) {
    throw new IngotError("usage", `--group is "${flags.group}". Allowed: the number of a group.`);
  }
  const dialect = flags.dialect ?? "minio";
  if (dialect !== "minio" && dialect !== "aws") {
    throw new IngotError("usage", `--dialect is "${dialect}". Allowed: minio, aws.`);
  }
  const location = lakeLocation(settings);
  if (location.url.protocol !== "s3:") {
    const text = `LAKE_URL is ${location.url.href}: a folder has no users. Name an s3:// lake, such as --lake s3://.`;
    throw new IngotError("usage", text, { context: { variable: "LAKE_URL" } });
  }
  const vault = await openVault(folder, group);
  const created = [
    await vault.keep("store/root_user", () => ADMINISTRATOR),
    await vault.keep("store/root_password", newSecret),
    await vault.keep("cleaner/email_hash_key", newSecret),
    await vault.keep("dashboard/token", newSecret),
  ];
  for (const role of ROLES) {
    created.push(await vault.keep(`${role}/access_key`, () => `ingot-${role}`));
    created.push(await vault.keep(`${role}/secret_key`, newSecret));
    const policy = policyOf(role, location, dialect);
    await vault.write(`policies/${role}.json`, `${JSON.stringify(policy, undefined, 2)}\n`);
  }
  const fresh = created.filter(Boolean).length;
  print(fresh === 0 ? `Credentials are in ${folder} already.` : `${fresh} credentials written to ${folder}.`);
}

/** 160 random bits, of letters and digits alone: they stand in addresses and shell variables too. */
function newSecret(): string {
  return randomBytes(20).toString("hex");
}

interface Vault {
  /** Writes a file unless it is there; true where it was written. */
  keep(name: string, content: () => string): Promise<boolean>;
  write(name: string, content: string): Promise<void>;
}

/**
 * A folder of secrets: its files belong to the folder's owner, whoever writes them (a container's root user, say), and
 * are closed to everybody but the group.
 */
async function openVault(folder: string, group: number | undefined): Promise<Vault> {
  await attempt(folder, mkdir(folder, { recursive: true, mode: 0o700 }));
  const owner = await attempt(folder, stat(folder));
  const place = async (name: string): Promise<string> => {
    const file = path.join(folder, name);
    await attempt(path.dirname(file), mkdir(path.dirname(file), { recursive: true }));
    await attempt(path.dirname(file), chown(path.dirname(file), owner.uid, group ?? owner.gid));
    return file;
  };
  const write = async (file: string, content: string): Promise<void> => {
    await rm(file, { force: true });
    await writeFile(file, content, { mode: group === undefined ? 0o600 : 0o640, flag: "wx" });
    await chown(file, owner.uid, group ?? owner.gid);
  };
  return {
    keep: async (name, content) => {
      const file = await place(name);
      if (await attempt(file, isFilled(file))) return false;
      const temporary = `${file}.new`;
      await attempt(file, write(temporary, `${content()}\n`));
      // Whole or not at all: a secret that is cut short would lock everybody out.
      await attempt(file, rm(file, { force: true }));
      await attempt(file, link(temporary, file));
      await attempt(file, rm(temporary));
      return true;
    },
    write: async (name, content) => {
      const file = await place(name);
      await attempt(file, write(file, content));
    },
  };
}

async function isFilled(file: string): Promise<boolean> {
  try {
    return (await readFile(file, "utf8")).trim() !== "";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

async function attempt<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const text = `${file} cannot be written: ${messageOf(cause)}. Name a folder that you may write to.`;
    throw new IngotError("usage", text, { cause });
  }
}
