import { existsSync } from "node:fs";
import path from "node:path";
import type { Settings } from "@ingot/common";
import { inspectWarehouse, type WarehouseState, warehouseFile } from "@ingot/warehouse";
import { diskOf, isWritable, nearestExisting } from "./disk.ts";
import { type Finding, failed, fine, warning } from "./finding.ts";

/** The aggregator's SQLite file: whether it can be used, and by nobody else in a harmful way. */
export async function checkWarehouse(settings: Settings): Promise<Finding[]> {
  const file = warehouseFile(settings);
  const folder = nearestExisting(path.dirname(file));
  const findings: Finding[] = [];
  const { network } = await diskOf(folder);
  if (network !== undefined) {
    const detail = `${folder} is on a network drive (${network}), where SQLite's locks are not reliable.`;
    findings.push(
      warning(
        "warehouse",
        file,
        detail,
        "Set WAREHOUSE_URL to a file on a local disk; it is filled from silver.",
      ),
    );
  }
  if (!(await isWritable(folder))) {
    const remedy = `Give it to the user that runs Ingot, or set WAREHOUSE_URL: sudo chown "$(id -un)" '${folder}'`;
    return [...findings, failed("warehouse", file, `${folder} may not be written by this user.`, remedy)];
  }
  if (!existsSync(file)) {
    return [
      ...findings,
      fine("warehouse", file, `${file} will be made at the first start, and filled from silver`),
    ];
  }
  return [...findings, stateFinding(settings, file, inspectWarehouse(file))];
}

function stateFinding(settings: Settings, file: string, state: WarehouseState): Finding {
  const another = "Set WAREHOUSE_URL to another file; a new one is filled from silver.";
  switch (state.kind) {
    case "busy":
      return failed(
        "warehouse",
        file,
        `Another process keeps ${file} locked: the aggregator cannot write.`,
        `Close the SQLite tool that has a change open in it, or the second aggregator: fuser -v '${file}'`,
      );
    case "damaged":
      return warning(
        "warehouse",
        file,
        `${file} is damaged, or no SQLite file.`,
        "Start the aggregator: it puts the file aside and fills a new one from silver. Nothing gets lost.",
      );
    case "older":
      return warning(
        "warehouse",
        file,
        `${file} was written by an older version of Ingot.`,
        "Start the aggregator: it puts the file aside and fills a new one from silver. Nothing gets lost.",
      );
    case "newer":
      return failed(
        "warehouse",
        file,
        `${file} was written by a newer version of Ingot.`,
        `Update Ingot. Or: ${another}`,
      );
    case "foreign":
      return failed("warehouse", file, `${file} holds other tables than Ingot's.`, another);
    case "unusable":
      return failed(
        "warehouse",
        file,
        `${file} cannot be used: ${state.reason}.`,
        `Check its owner: ls -l '${file}'. Or: ${another}`,
      );
    default:
      return ownerFinding(settings, file, state.lake, state.objects);
  }
}

/** A file inside its lake may be moved with it; any other says whose it is. */
function ownerFinding(
  { lakeUrl, warehouseUrl }: Settings,
  file: string,
  lake: string,
  objects: number,
): Finding {
  const isInLake = warehouseUrl === undefined && lakeUrl.protocol === "file:";
  if (!isInLake && lake !== "" && lake !== lakeUrl.href) {
    const detail = `${file} belongs to the lake ${lake}, not to ${lakeUrl.href}.`;
    return failed("warehouse", file, detail, "Set WAREHOUSE_URL to another file, or LAKE_URL to that lake.");
  }
  return fine("warehouse", file, `${file} can be used (${objects} silver files taken in)`);
}
