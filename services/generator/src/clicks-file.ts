import { isoTimestamp } from "./calendar.ts";
import { POPULAR_PRODUCTS } from "./catalogue.ts";
import type { CustomerPool } from "./customer-pool.ts";
import type { Random } from "./random.ts";
import { TextFile } from "./text-file.ts";
import type { TickContext } from "./tick-context.ts";

/** First parts of addresses that are public throughout. */
const PUBLIC_NETWORKS = [
  2, 5, 31, 37, 46, 62, 77, 80, 82, 84, 86, 88, 90, 92, 94, 109, 151, 176, 178, 193, 212,
];
const IMPOSSIBLE_ADDRESSES = ["999.999.999.999", "999.999.999.999", "256.12.7.300", "10.0.0", "unknown", ""];
const INVALID_TIMESTAMPS = ["2026-02-30T10:15:00Z", "2026-01-15T25:61:00Z", "32/13/2025", ""];

/** At most this many customers look around at the same time. */
const MAX_VISITORS = 25;
const CLICKS_PER_VISITOR = 4;

interface Visit {
  customerId: string;
  ip: string;
  /** Where the visitor is; `undefined` before the first page. */
  page: string | undefined;
}

/** One tick's clicks (contract: e-commerce, section 1): JSON Lines, in the order of time, of interleaved visits. */
export function clicksFile(context: TickContext, instants: Float64Array, pool: CustomerPool): Buffer {
  const shop = context.stream("clicks");
  const faults = context.stream("click faults");
  const visitors = Math.min(MAX_VISITORS, Math.ceil(instants.length / CLICKS_PER_VISITOR));
  const visits: Visit[] = [];
  for (let index = 0; index < visitors; index++) visits.push(newVisit(pool, shop));
  const file = new TextFile();
  for (const instantMs of instants) {
    const index = shop.int(visitors);
    let visit = visits[index]!;
    let page = nextPage(visit.page, shop);
    if (page === undefined) {
      visit = newVisit(pool, shop);
      visits[index] = visit;
      page = landingPage(shop);
    }
    visit.page = page;
    file.line(clickLine(visit, page, instantMs, context, faults));
  }
  return file.bytes();
}

function newVisit(pool: CustomerPool, random: Random): Visit {
  const parts = [random.pick(PUBLIC_NETWORKS), random.int(256), random.int(256), 1 + random.int(254)];
  return { customerId: pool.active(random).id, ip: parts.join("."), page: undefined };
}

/** The page after `page`; `undefined` where the visit ends. */
function nextPage(page: string | undefined, random: Random): string | undefined {
  if (page === undefined) return landingPage(random);
  const draw = random.next();
  if (page === "/checkout") return draw < 0.8 ? "/checkout/thanks" : undefined;
  if (page === "/checkout/thanks") return undefined;
  if (page === "/cart") return draw < 0.5 ? "/checkout" : draw < 0.75 ? productPage(random) : undefined;
  if (page === "/" || page === "/products") return draw < 0.75 ? productPage(random) : undefined;
  if (draw < 0.45) return productPage(random);
  if (draw < 0.65) return "/cart";
  return draw < 0.8 ? "/products" : undefined;
}

function landingPage(random: Random): string {
  const draw = random.next();
  if (draw < 0.55) return "/";
  return draw < 0.7 ? "/products" : productPage(random);
}

function productPage(random: Random): string {
  return `/products/${POPULAR_PRODUCTS.pick(random).slug}`;
}

function clickLine(
  visit: Visit,
  page: string,
  instantMs: number,
  { faults }: TickContext,
  random: Random,
): string {
  const badAddress = random.chance(faults.invalid_ip);
  const badTimestamp = random.chance(faults.invalid_click_timestamp);
  const broken = random.chance(faults.broken_line);
  const ip = badAddress ? random.pick(IMPOSSIBLE_ADDRESSES) : visit.ip;
  const ts = badTimestamp ? random.pick(INVALID_TIMESTAMPS) : isoTimestamp(instantMs);
  const line = `{"customer_id":"${visit.customerId}","page":"${page}","ip":"${ip}","ts":"${ts}"}`;
  return broken ? line.slice(0, 1 + random.int(line.length - 1)) : line;
}
