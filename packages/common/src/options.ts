import { readFileSync } from "node:fs";
import { IngotError, messageOf } from "./errors.ts";
import {
  bucketName,
  bucketPrefix,
  choice,
  currency,
  duration,
  host,
  httpUrl,
  integer,
  lakeUrl,
  mailAddress,
  mailAddresses,
  numbers,
  type OptionType,
  pipelineNames,
  pipelineSchedules,
  smtpUrl,
  switchType,
  text,
  timezone,
  token,
  webhookUrl,
} from "./option-types.ts";

/** One option: an environment variable and a flag of the same meaning. The flag wins. */
export interface OptionSpec<T = unknown> {
  variable: string;
  /** Without the dashes. Secrets have none: a command line can be read by every user of a machine. */
  flag?: string;
  type: OptionType<T>;
  /** As a user would write it. Absent where the option has no value unless it is given. */
  default?: string;
  help: string;
  /** Variables of other tools that mean the same, tried after this one. */
  aliases?: readonly string[];
  /** A secret: `<VARIABLE>_FILE` may name a file that holds it, so that it need not stand in the environment. */
  isSecret?: boolean;
}

const option = <T>(spec: OptionSpec<T>): OptionSpec<T> => spec;
/** An option that always has a value, because it has a default. */
const withDefault = <T>(spec: OptionSpec<T> & { default: string }): OptionSpec<T> & { default: string } =>
  spec;

/** Every option of every service. Nothing else in the product reads the environment. */
export const OPTIONS = {
  lakeUrl: withDefault({
    variable: "LAKE_URL",
    flag: "lake",
    type: lakeUrl,
    default: "./lake",
    help: "where the lake is: a folder (a path or file:///…), s3:// for one bucket a layer, or s3://bucket/path",
  }),
  pollInterval: withDefault({
    variable: "POLL_INTERVAL",
    flag: "poll-interval",
    type: duration(50),
    default: "5s",
    help: "how often each service looks for work; a number alone counts seconds",
  }),
  businessTimezone: withDefault({
    variable: "BUSINESS_TIMEZONE",
    flag: "business-timezone",
    type: timezone,
    default: "UTC",
    help: "the zone of times that come without one, and of order_date",
  }),
  emailHashKey: option({
    variable: "EMAIL_HASH_KEY",
    type: text,
    help: "secret key for hashing e-mails (HMAC); without it the hash is plain SHA-256, which can be guessed",
    isSecret: true,
  }),
  bucketPrefix: option({
    variable: "BUCKET_PREFIX",
    flag: "bucket-prefix",
    type: bucketPrefix,
    help: "text put before each layer's default name, such as acme-",
  }),
  bronzeBucket: option({
    variable: "BRONZE_BUCKET",
    flag: "bronze-bucket",
    type: bucketName,
    help: "name of the bronze bucket or folder",
  }),
  silverBucket: option({
    variable: "SILVER_BUCKET",
    flag: "silver-bucket",
    type: bucketName,
    help: "name of the silver bucket or folder",
  }),
  quarantineBucket: option({
    variable: "QUARANTINE_BUCKET",
    flag: "quarantine-bucket",
    type: bucketName,
    help: "name of the quarantine bucket or folder",
  }),
  goldBucket: option({
    variable: "GOLD_BUCKET",
    flag: "gold-bucket",
    type: bucketName,
    help: "name of the gold bucket or folder",
  }),
  s3Endpoint: option({
    variable: "S3_ENDPOINT",
    flag: "s3-endpoint",
    type: httpUrl,
    help: "address of an S3-compatible store; absent for Amazon S3",
    aliases: ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
  }),
  s3Region: withDefault({
    variable: "S3_REGION",
    flag: "s3-region",
    type: text,
    default: "us-east-1",
    help: "region of the store",
    aliases: ["AWS_REGION", "AWS_DEFAULT_REGION"],
  }),
  s3AccessKeyId: option({
    variable: "S3_ACCESS_KEY_ID",
    type: text,
    help: "access key of the store; absent to use the AWS credential chain",
    isSecret: true,
    aliases: ["AWS_ACCESS_KEY_ID"],
  }),
  s3SecretAccessKey: option({
    variable: "S3_SECRET_ACCESS_KEY",
    type: text,
    help: "secret key of the store",
    isSecret: true,
    aliases: ["AWS_SECRET_ACCESS_KEY"],
  }),
  s3PathStyle: option({
    variable: "S3_PATH_STYLE",
    flag: "s3-path-style",
    type: switchType,
    help: "bucket in the path instead of the host name (default: true with an endpoint)",
  }),
  warehouseUrl: option({
    variable: "WAREHOUSE_URL",
    flag: "warehouse",
    type: text,
    help: "the warehouse's SQLite file, a path or file:///… (default: warehouse/ecommerce.sqlite in a folder lake, ./warehouse/… for s3)",
  }),
  kpiDir: option({
    variable: "KPI_DIR",
    flag: "kpi-dir",
    type: text,
    help: "folder of your own KPIs, one .sql file each",
  }),
  bronzeRetentionDays: option({
    variable: "BRONZE_RETENTION_DAYS",
    flag: "bronze-retention-days",
    type: integer(1, 36_500),
    help: "days after which raw files are deleted (default: never)",
  }),
  quarantineRetentionDays: option({
    variable: "QUARANTINE_RETENTION_DAYS",
    flag: "quarantine-retention-days",
    type: integer(1, 36_500),
    help: "days after which rejected records are deleted (default: never)",
  }),
  goldRetentionDays: option({
    variable: "GOLD_RETENTION_DAYS",
    flag: "gold-retention-days",
    type: integer(1, 36_500),
    help: "days after which older versions of a KPI are deleted, whatever GOLD_HISTORY keeps (default: never)",
  }),
  goldHistory: withDefault({
    variable: "GOLD_HISTORY",
    flag: "gold-history",
    type: integer(1, 1_000_000),
    default: "100",
    help: "versions of each KPI kept beside latest/",
  }),
  cleanerConcurrency: withDefault({
    variable: "CLEANER_CONCURRENCY",
    flag: "concurrency",
    type: integer(1, 64),
    default: "4",
    help: "bronze objects cleaned at the same time",
  }),
  generatorSeed: withDefault({
    variable: "GENERATOR_SEED",
    flag: "seed",
    type: integer(0, 2 ** 32 - 1),
    default: "1",
    help: "same seed, same data",
  }),
  generatorRows: withDefault({
    variable: "GENERATOR_ROWS",
    flag: "rows",
    type: numbers(0, 10_000_000, "customers=50,orders=200,clicks=500 or 200"),
    default: "customers=50,orders=200,clicks=500",
    help: "rows of each tick; a lone number sets the orders and scales the others",
  }),
  generatorFaults: option({
    variable: "GENERATOR_FAULTS",
    flag: "faults",
    type: numbers(0, 1, "missing_email=0.05,invalid_ip=0.1 or 0"),
    help: "share of records that get each fault; a lone number sets them all",
  }),
  generatorHistory: withDefault({
    variable: "GENERATOR_HISTORY_DAYS",
    flag: "history-days",
    type: integer(0, 3650),
    default: "30",
    help: "past days that the simulated shop fills before it goes live; 0 for none",
  }),
  compactedCsv: withDefault({
    variable: "COMPACTED_CSV",
    flag: "compacted-csv",
    type: choice("keep", "prune"),
    default: "keep",
    help: "what becomes of silver's CSV objects once their day is a Parquet file: keep, or prune (delete an hour later)",
  }),
  reconcileInterval: withDefault({
    variable: "RECONCILE_INTERVAL",
    flag: "reconcile-interval",
    type: duration(1000),
    default: "1h",
    help: "how often the aggregator computes gold's sales anew from silver's files and compares them",
  }),
  pipelines: option({
    variable: "PIPELINES",
    flag: "pipelines",
    type: pipelineNames,
    help: "the pipelines that the scheduler runs (default: all)",
  }),
  schedules: option({
    variable: "SCHEDULES",
    flag: "schedules",
    type: pipelineSchedules,
    help: "other schedules than the pipelines' own; off for none, arrival for runs when files arrive and no others",
  }),
  scheduleTimezone: option({
    variable: "SCHEDULE_TIMEZONE",
    flag: "schedule-timezone",
    type: timezone,
    help: "the zone of all schedules' times (default: each pipeline's own)",
  }),
  runNotifications: withDefault({
    variable: "RUN_NOTIFICATIONS",
    flag: "run-notifications",
    type: choice("all", "failures"),
    default: "all",
    help: "which of the scheduler's runs are told to where alarms are sent",
  }),
  notifications: withDefault({
    variable: "NOTIFICATIONS",
    flag: "notifications",
    type: choice("auto", "off"),
    default: "auto",
    help: "auto: new objects wake a service at once where the store can tell of them; off: polling alone",
  }),
  healthPort: option({
    variable: "HEALTH_PORT",
    flag: "health-port",
    type: integer(1, 65_535),
    help: "port where a service answers /health (200 while it makes progress, else 503) and /metrics (default: none)",
  }),
  healthHost: withDefault({
    variable: "HEALTH_HOST",
    flag: "health-host",
    type: host,
    default: "127.0.0.1",
    help: "address at which HEALTH_PORT is open; 0.0.0.0 for all, where a network of its own protects it",
  }),
  dashboardPort: option({
    variable: "DASHBOARD_PORT",
    flag: "dashboard-port",
    type: integer(1, 65_535),
    help: "port of the dashboard (default: 8080; `ingot up` takes the next one where that is in use)",
  }),
  dashboardHost: withDefault({
    variable: "DASHBOARD_HOST",
    flag: "dashboard-host",
    type: host,
    default: "127.0.0.1",
    help: "address at which the dashboard is open; any other than this machine's own needs DASHBOARD_TOKEN",
  }),
  dashboardToken: option({
    variable: "DASHBOARD_TOKEN",
    type: token,
    help: "what the dashboard asks for: the password in a browser (with any user), or a bearer token",
    isSecret: true,
  }),
  dashboardTimeout: withDefault({
    variable: "DASHBOARD_TIMEOUT",
    flag: "dashboard-timeout",
    type: duration(100),
    default: "5s",
    help: "the longest that a question to the dashboard may take",
  }),
  currency: withDefault({
    variable: "CURRENCY",
    flag: "currency",
    type: currency,
    default: "EUR",
    help: "the currency that the dashboard shows amounts in; nothing is converted",
  }),
  alarmWebhookUrl: option({
    variable: "ALARM_WEBHOOK_URL",
    type: webhookUrl,
    help: "where alarms are posted, as Slack's incoming webhooks take them",
    isSecret: true,
  }),
  alarmEmailTo: option({
    variable: "ALARM_EMAIL_TO",
    flag: "alarm-email-to",
    type: mailAddresses,
    help: "who gets alarms by e-mail, with commas between them",
  }),
  alarmEmailFrom: option({
    variable: "ALARM_EMAIL_FROM",
    flag: "alarm-email-from",
    type: mailAddress,
    help: "the sender of these e-mails (default: the first of ALARM_EMAIL_TO)",
  }),
  smtpUrl: option({
    variable: "SMTP_URL",
    type: smtpUrl,
    help: "the mail server that takes them, with user and password where it wants them",
    isSecret: true,
  }),
  alarmQuietPeriod: withDefault({
    variable: "ALARM_QUIET_PERIOD",
    flag: "alarm-quiet-period",
    type: duration(1000),
    default: "1h",
    help: "time between two messages about the same alarm",
  }),
  alarmStateDir: option({
    variable: "ALARM_STATE_DIR",
    flag: "alarm-state-dir",
    type: text,
    help: "folder where is kept which alarms were sent, so that a restart does not send them again (default: in the user's own folders)",
  }),
  openlineageUrl: option({
    variable: "OPENLINEAGE_URL",
    flag: "openlineage-url",
    type: httpUrl,
    help: "where each run of a service is told as OpenLineage events; /api/v1/lineage is added to an address without a path (default: nowhere)",
  }),
  openlineageApiKey: option({
    variable: "OPENLINEAGE_API_KEY",
    type: text,
    help: "the key that OPENLINEAGE_URL wants, sent as a bearer token",
    isSecret: true,
  }),
  openlineageNamespace: withDefault({
    variable: "OPENLINEAGE_NAMESPACE",
    flag: "openlineage-namespace",
    type: text,
    default: "ingot",
    help: "the namespace of the jobs in these events",
  }),
  logLevel: option({
    variable: "LOG_LEVEL",
    flag: "log-level",
    type: choice("trace", "debug", "info", "warn", "error", "silent"),
    help: "least severe log lines shown (default: info; warn for ingot up, which shows figures instead)",
  }),
  logFormat: withDefault({
    variable: "LOG_FORMAT",
    flag: "log-format",
    type: choice("auto", "json", "pretty"),
    default: "auto",
    help: "auto: pretty on a terminal, JSON lines otherwise",
  }),
} as const;

export type OptionName = keyof typeof OPTIONS;

type ValueOf<S> = S extends OptionSpec<infer T> & { default: string }
  ? T
  : S extends OptionSpec<infer T>
    ? T | undefined
    : never;

/** The values of all options. */
export type Settings = { readonly [Name in OptionName]: ValueOf<(typeof OPTIONS)[Name]> };

/** Where option texts come from: flags by flag name, then environment variables. */
export interface OptionSources {
  flags: Readonly<Record<string, string | undefined>>;
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * The value of one option.
 *
 * @throws IngotError `invalid_option`, naming the variable or flag, what was given and what is allowed
 */
export function readOption<T>(spec: OptionSpec<T>, { flags, env }: OptionSources): T | undefined {
  const flag = spec.flag === undefined ? undefined : flags[spec.flag];
  // An empty variable counts as not set: compose files pass unset variables on as empty ones.
  const isSet = (name: string): boolean => (env[name] ?? "").trim() !== "";
  const fileVariable = `${spec.variable}_FILE`;
  if (spec.isSecret && !isSet(spec.variable) && isSet(fileVariable)) {
    return secretFrom(env[fileVariable]!.trim(), spec, fileVariable);
  }
  const variable = [spec.variable, ...(spec.aliases ?? [])].find(isSet);
  const given = flag ?? (variable === undefined ? spec.default : env[variable]);
  if (given === undefined) return undefined;
  const value = spec.type.parse(given.trim());
  if (value !== undefined) return value;
  const name = flag === undefined ? (variable ?? spec.variable) : `--${spec.flag}`;
  const other = flag === undefined ? "" : ` (variable ${spec.variable})`;
  throw notAllowed(spec, `${name}${other} is ${spec.isSecret ? "not allowed as it is" : `"${given}"`}`);
}

function notAllowed<T>({ variable, type, help }: OptionSpec<T>, what: string): IngotError {
  const text = `${what}. Allowed: ${type.allowed}. It means: ${help}.`;
  return new IngotError("invalid_option", text, { context: { variable } });
}

/** A secret from the file that its variable names; blanks and line ends around it do not count. */
function secretFrom<T>(file: string, spec: OptionSpec<T>, variable: string): T | undefined {
  let secret: string;
  try {
    secret = readFileSync(file, "utf8").trim();
  } catch (cause) {
    const text = `${variable} names ${file}, which cannot be read: ${messageOf(cause)}. It means: ${spec.help}.`;
    throw new IngotError("invalid_option", text, { cause, context: { variable } });
  }
  if (secret !== "") {
    const value = spec.type.parse(secret);
    if (value !== undefined) return value;
    throw notAllowed(spec, `${variable} names ${file}, which does not hold what is allowed`);
  }
  const text = `${variable} names ${file}, which is empty. It means: ${spec.help}.`;
  throw new IngotError("invalid_option", text, { context: { variable } });
}

/** The values of all options, checked together. @throws IngotError `invalid_option` for the first wrong one */
export function readSettings(sources: OptionSources): Settings {
  const entries = Object.entries(OPTIONS).map(([name, spec]) => [
    name,
    readOption(spec as OptionSpec, sources),
  ]);
  return Object.fromEntries(entries) as Settings;
}
