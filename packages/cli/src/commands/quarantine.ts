import {
  type Command,
  type CommandContext,
  IngotError,
  type Lake,
  lakeLocation,
  openLake,
} from "@ingot/common";
import { datasetFlag, pipelineFlag, positive } from "../flags.ts";

const SHOWN = 20;

export const quarantineCommand: Command = {
  name: "quarantine",
  summary: "Show what was rejected, why and where, and clean it again.",
  description: `list   what lies in quarantine, newest first: bronze key, rejected records, reasons, when
show   the rejected records of one bronze object: place, reason, detail, raw text. They hold personal data.
retry  clean the bronze objects behind them anew, by the rules as they are now: after a rule, an option or a
       bronze file was mended. Silver and quarantine are replaced, object by object.

<key> is the key of a bronze object, as list shows it, or of its object in quarantine. retry wants keys, or
--dataset, --reason or both, or --all; give it the options that the services have. It may be called while
services run, and killed: run again, it goes on. An object whose bronze object is gone cannot be cleaned anew.
It is for e-commerce: other pipelines read a file anew in their next run once it, or a rule, has changed.`,
  positionals: "list | show <key> | retry [<key>…]",
  flags: {
    pipeline: { value: "NAME", help: "list: only what this pipeline rejected" },
    dataset: { value: "NAME", help: "list, retry: only customers, orders or clicks" },
    reason: { value: "REASON", help: "only records, or objects that have records, with this reason" },
    limit: {
      value: "N",
      help: `list, show: so many objects or records (default: ${SHOWN}; with --json all)`,
    },
    json: { help: "list: everything as JSON; show: the stored lines as they are" },
    all: { help: "retry: everything that is in quarantine" },
  },
  options: ["lakeUrl", "businessTimezone", "emailHashKey", "cleanerConcurrency"],
  examples: [
    "ingot quarantine list --dataset orders",
    "ingot quarantine show orders/dt=2026-01-01/orders_20260101T130000.json",
    "ingot quarantine retry --reason invalid_order_ts",
  ],
  run: async (context) => {
    const work = requested(context);
    const lake = await openLake(lakeLocation(context.settings));
    try {
      await work(lake);
    } finally {
      await lake.close();
    }
  },
};

type Work = (lake: Lake) => Promise<void>;

/** What is asked for. Each part is loaded when it is needed. @throws IngotError `usage` */
function requested(context: CommandContext): Work {
  const { flags, positionals, signal, clock, print } = context;
  const [action, ...keys] = positionals;
  const dataset = datasetFlag(flags.dataset);
  const pipeline = pipelineFlag(flags.pipeline);
  const reason = typeof flags.reason === "string" ? flags.reason : undefined;
  const json = flags.json === true;
  const limit = positive(flags.limit, "limit") ?? (json ? undefined : SHOWN);
  switch (action) {
    case "list":
      allowOnly(context, action, ["pipeline", "dataset", "reason", "limit", "json"]);
      if (keys.length > 0) throw usage("list takes no keys: `ingot quarantine show <key>` shows one object.");
      return async (lake) => {
        const { listText } = await import("../quarantine/list.ts");
        print(await listText(lake, { pipeline, dataset, reason, limit, json }, clock));
      };
    case "show": {
      allowOnly(context, action, ["reason", "limit", "json"]);
      const [key, ...others] = keys;
      if (key === undefined || others.length > 0) {
        throw usage("show takes one key: `ingot quarantine list` shows the keys.");
      }
      return async (lake) => {
        const { show } = await import("../quarantine/show.ts");
        await show(lake, { key, reason, limit, json }, signal);
      };
    }
    case "retry": {
      allowOnly(context, action, ["dataset", "reason", "all"]);
      const isChosen = dataset !== undefined || reason !== undefined;
      if ([keys.length > 0, isChosen, flags.all === true].filter(Boolean).length !== 1) {
        throw usage("retry takes keys, or --dataset and --reason, or --all: `ingot quarantine retry --all`");
      }
      return async (lake) => {
        const { retry } = await import("../quarantine/retry.ts");
        await retry(lake, { keys, dataset, reason }, context);
      };
    }
    default:
      throw usage(
        `${action === undefined ? "Say what to do" : `"${action}" is not known`}: ingot quarantine list, show <key> or retry. --help tells more.`,
      );
  }
}

/** A flag that does nothing would be taken for one that did. */
function allowOnly({ flags }: CommandContext, action: string, allowed: readonly string[]): void {
  const [wrong] = Object.keys(flags).filter((flag) => !allowed.includes(flag));
  if (wrong !== undefined) throw usage(`${action} does not take --${wrong}.`);
}

const usage = (text: string): IngotError => new IngotError("usage", text);
