const SAVE_AS = "save it as CSV, JSON or JSON Lines";
const DECOMPRESS = "only gzip is decompressed; compress it with gzip or not at all";

/** How files begin that are none of ours: the bytes, what they are, and how to mend it. */
const SIGNATURES: readonly (readonly [bytes: string, what: string, mend: string])[] = [
  ["PK\x03\x04", "a ZIP archive or an Excel workbook", SAVE_AS],
  ["PK\x05\x06", "an empty ZIP archive", SAVE_AS],
  ["\xd0\xcf\x11\xe0", "an old Excel or Office document", SAVE_AS],
  ["PAR1", "Parquet", SAVE_AS],
  ["Obj\x01", "Avro", SAVE_AS],
  ["ARROW1", "Arrow", SAVE_AS],
  ["SQLite format 3\0", "an SQLite database", SAVE_AS],
  ["%PDF-", "PDF", SAVE_AS],
  ["\x89PNG", "a PNG image", SAVE_AS],
  ["\xff\xd8\xff", "a JPEG image", SAVE_AS],
  ["\x1f\x8b", "gzip inside gzip", "compress it once"],
  ["\x28\xb5\x2f\xfd", "Zstandard", DECOMPRESS],
  ["BZh", "bzip2", DECOMPRESS],
  ["\xfd7zXZ\0", "xz", DECOMPRESS],
  ["7z\xbc\xaf", "a 7-Zip archive", DECOMPRESS],
  ["Rar!", "a RAR archive", DECOMPRESS],
  ["\xff\xfe\0\0", "UTF-32 text", "save it as UTF-8"],
  ["\0\0\xfe\xff", "UTF-32 text", "save it as UTF-8"],
  ["\xff\xfe", "UTF-16 text", "save it as UTF-8"],
  ["\xfe\xff", "UTF-16 text", "save it as UTF-8"],
];

/** So many bytes are looked at for the share of NULs and control bytes. */
const SAMPLE_BYTES = 4096;

/** What a file is that can be recognised as another format or encoding, and how to mend it. */
export function foreignFormat(bytes: Buffer): string | undefined {
  const beginning = bytes.toString("latin1", 0, 16);
  for (const [signature, what, mend] of SIGNATURES) {
    if (beginning.startsWith(signature)) return `${what}; ${mend}`;
  }
  return wideText(bytes.subarray(0, SAMPLE_BYTES));
}

/** Text in two or four bytes a character, without a byte order mark: every second byte, or three in four, are NUL. */
function wideText(sample: Buffer): string | undefined {
  const nuls = [0, 0, 0, 0];
  for (let at = 0; at < sample.length; at++) {
    if (sample[at] === 0) nuls[at % 4]!++;
  }
  const rare = sample.length / 40;
  const often = sample.length / 10;
  const isRare = nuls.map((count) => count <= rare);
  const isOften = nuls.map((count) => count >= often && count > 0);
  const rareCount = isRare.filter(Boolean).length;
  if (rareCount === 1 && isOften.filter(Boolean).length === 3) return "UTF-32 text; save it as UTF-8";
  const wide =
    (isRare[0] && isRare[2] && isOften[1] && isOften[3]) ||
    (isRare[1] && isRare[3] && isOften[0] && isOften[2]);
  return wide ? "UTF-16 text; save it as UTF-8" : undefined;
}

/** True where so many control bytes occur that it cannot be text, however damaged. */
export function looksBinary(bytes: Buffer): boolean {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  let controls = 0;
  for (const byte of sample) {
    if ((byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) || byte === 0x7f) controls++;
  }
  return controls >= 4 && controls > sample.length / 25;
}
