import { type Lake, type LakeLocation, type Layer, openLake, type Settings } from "@ingot/common";
import { type Finding, fine } from "./finding.ts";

const WAIT_MS = 4_000;

/** Whether the storage tells of new objects. Nothing depends on it but how soon they are found. */
export async function checkNotifications(
  settings: Settings,
  location: LakeLocation,
  layer: Layer,
): Promise<Finding> {
  const poll = `new objects are found at the next poll (every ${settings.pollInterval / 1000} s)`;
  if (settings.notifications === "off") return fine("notifications", "", `NOTIFICATIONS is off: ${poll}`);
  const lake = await openLake(location);
  try {
    const problem = await whyNone(lake, layer);
    if (problem === undefined) return fine("notifications", "", "new objects are found at once");
    return fine("notifications", "", `none (${problem}): ${poll}`);
  } finally {
    await lake.close();
  }
}

async function whyNone(lake: Lake, layer: Layer): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  let end: (problem: string | undefined) => void = () => undefined;
  const ended = new Promise<string | undefined>((resolve) => {
    end = resolve;
    timer = setTimeout(() => resolve("the storage takes the request to listen, and says nothing"), WAIT_MS);
  });
  // A watch reports a change as soon as it has begun.
  const watch = await lake.watch(layer, { onChange: () => end(undefined), onUnable: end });
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
    await watch.close();
  }
}
