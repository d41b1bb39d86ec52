import { compareKeys } from "@ingot/common";
import type { PageRow } from "../api/contract.ts";
import type { BitSet } from "./bit-set.ts";
import type { DaySpan } from "./days.ts";
import type { Deadline } from "./deadline.ts";
import type { LoadedHistory } from "./history.ts";
import { countPageVisitors } from "./page-visitors.ts";

/** The pages of a period with the most views, those of equal views by name. @throws IngotError `query_timeout` */
export function visitedPages(
  { columns, labels }: LoadedHistory,
  chosen: BitSet,
  span: DaySpan,
  views: Float64Array,
  most: number,
  deadline: Deadline,
): { rows: PageRow[]; count: number } {
  const pages = [...views.keys()].filter((page) => views[page]! > 0);
  const nameOf = (page: number): string => labels.nameOf(labels.labelOfPage(page));
  const top = pages.sort((a, b) => views[b]! - views[a]! || compareKeys(nameOf(a), nameOf(b))).slice(0, most);
  const visitors = countPageVisitors(columns, chosen, span, top, deadline);
  const rows = top.map((page, index) => ({
    page: nameOf(page),
    views: views[page]!,
    visitors: visitors[index]!,
  }));
  return { rows, count: pages.length };
}
