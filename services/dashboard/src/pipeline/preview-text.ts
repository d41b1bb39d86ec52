import { inflated } from "@ingot/engine";
import type { PreviewedContent } from "./preview.ts";

const TEXT_BYTES = 20 * 1024;

/** The beginning of a text, compressed or not. */
export async function previewText(body: AsyncIterable<Uint8Array>): Promise<PreviewedContent> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of inflated(body, {})) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > TEXT_BYTES) break;
  }
  const head = Buffer.concat(chunks).subarray(0, TEXT_BYTES);
  // Holds back the character that was cut in two.
  const text = new TextDecoder().decode(head, { stream: bytes > TEXT_BYTES });
  return { text, is_cut: bytes > TEXT_BYTES };
}
