import { IngotError, splitKey } from "@ingot/common";
import { ContentRewriter, type GzipReport, inflated } from "@ingot/engine";
import { DATASETS, type DatasetName } from "../datasets.ts";
import type { RuleContext } from "../silver/rule.ts";
import type { Person } from "./person.ts";
import { type Forgotten, PersonEditor } from "./person-editor.ts";
import type { PersonText } from "./person-text.ts";
import { Outcome } from "./same-outcome.ts";

/** A bronze object, and what is to be known to rewrite it. */
export interface ForgetContent {
  key: string;
  dataset: DatasetName;
  person: Person;
  text: PersonText;
  context: RuleContext;
}

const PIECE_BYTES = 256 * 1024;

/**
 * A content without a person, in chunks and decompressed. At its end it has been made sure that of each record becomes
 * what became of it before.
 *
 * @param gzip what is wrong with the compression is noted here
 * @param forgotten counts what was changed
 * @throws IngotError `incomplete` at the end, where the figures would change; what `body` throws
 */
export async function* withoutPerson(
  body: AsyncIterable<Uint8Array>,
  { key, dataset, person, text, context }: ForgetContent,
  gzip: GzipReport,
  forgotten: Forgotten,
): AsyncGenerator<Buffer> {
  const name = splitKey(key).base;
  const editor = new PersonEditor(dataset, person, text);
  const rewriter = new ContentRewriter({ name, knownFields: DATASETS[dataset].bronzeFields }, editor);
  const [before, after] = [new Outcome(name, dataset, context), new Outcome(name, dataset, context)];
  const checked = (pieces: Buffer[]): Buffer => {
    const rewritten = Buffer.concat(pieces);
    after.push(rewritten);
    return rewritten;
  };
  for await (const chunk of inflated(body, gzip)) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      const piece = chunk.subarray(at, at + PIECE_BYTES);
      before.push(piece);
      const rewritten = checked(rewriter.push(piece));
      if (rewritten.length > 0) yield rewritten;
    }
  }
  const last = checked(rewriter.finish(gzip.damage));
  Object.assign(forgotten, editor.forgotten);
  if (before.finish(gzip.damage) !== after.finish(gzip.damage)) {
    throw new IngotError(
      "incomplete",
      `${key} names the person in a way that cannot be taken out without changing which records count. Mend or delete the file by hand, then run it again.`,
      { context: { layer: "bronze", key } },
    );
  }
  if (last.length > 0) yield last;
}
