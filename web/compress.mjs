// Writes `.br` and `.gz` beside every text file of a built folder, for the server to choose from.
// `node compress.mjs <folder>`; a copy that is not smaller is not kept.

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TEXT = /\.(?:css|html|js|json|map|mjs|svg|txt|webmanifest)$/;

const folder = process.argv[2];
if (!folder) {
  console.error("usage: node compress.mjs <folder>");
  process.exit(2);
}

const ways = {
  ".br": (bytes) =>
    brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  ".gz": (bytes) => gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }),
};

const entries = await readdir(folder, { recursive: true, withFileTypes: true });
for (const entry of entries) {
  if (!entry.isFile() || !TEXT.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const bytes = await readFile(path);
  for (const [ending, compress] of Object.entries(ways)) {
    const smaller = compress(bytes);
    // What an earlier run left would else be served in place of this one.
    if (smaller.length < bytes.length) await writeFile(path + ending, smaller);
    else await rm(path + ending, { force: true });
  }
}
