/** What was tried and found: of one input, or the sum of many. */
export interface Figures {
  what: string;
  inputs: number;
  bytes: number;
  records: number;
  kept: number;
  rejected: number;
  duplicates: number;
  /** Files that were told to be unreadable as a whole. */
  unreadable: number;
  /** Rows far from a damage, which silver had to have, and has. */
  far: number;
  /** Blocks of files that were shared with helpers. */
  blocks: number;
}

const COLUMNS = [
  "inputs",
  "bytes",
  "records",
  "kept",
  "rejected",
  "duplicates",
  "unreadable",
  "far",
  "blocks",
] as const satisfies (keyof Figures)[];

export const noFigures = (what: string): Figures => ({
  what,
  ...(Object.fromEntries(COLUMNS.map((column) => [column, 0])) as Omit<Figures, "what">),
});

export function addFigures(sum: Figures, part: Figures): void {
  for (const column of COLUMNS) sum[column] += part[column];
}

const HEADER = [
  "input",
  "tried",
  "MB",
  "records",
  "kept",
  "rejected",
  "duplicates",
  "unreadable files",
  "undamaged rows checked",
  "blocks shared",
];

/** A table in Markdown, with a last row for all together. */
export function tableOf(figures: readonly Figures[]): string {
  const all = noFigures("all");
  for (const one of figures) addFigures(all, one);
  const rows = [...figures].sort((a, b) => (a.what < b.what ? -1 : 1));
  const lines = [...rows, all].map((one) => {
    const cells = COLUMNS.map((column) =>
      column === "bytes" ? (one.bytes / 1e6).toFixed(1) : one[column].toLocaleString("en-US"),
    );
    return `| ${[one.what, ...cells].join(" | ")} |`;
  });
  return [`| ${HEADER.join(" | ")} |`, `|---|${"---:|".repeat(COLUMNS.length)}`, ...lines].join("\n");
}
