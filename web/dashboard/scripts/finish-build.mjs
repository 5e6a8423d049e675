// After `vite build`: writes a .br and a .gz beside every text file, and holds the first load to its budget.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const DIST = new URL('../dist', import.meta.url).pathname;
const BUDGET = 300 * 1024;
const TEXT = /\.(html|js|css|svg|json|txt)$/;

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

const gzipped = new Map();
for (const path of files(DIST)) {
  if (!TEXT.test(path)) continue;
  const body = readFileSync(path);
  const gz = gzipSync(body, { level: 9 });
  gzipped.set(path.slice(DIST.length), gz.length);
  writeFileSync(`${path}.gz`, gz);
  writeFileSync(
    `${path}.br`,
    brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }),
  );
}

// What a browser fetches for `/` before any route chunk: the entry and the modules that the page preloads.
const html = readFileSync(join(DIST, 'index.html'), 'utf8');
const first = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map((found) => found[1]);
const total = first.reduce((sum, path) => sum + (gzipped.get(path) ?? 0), 0);
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
process.stdout.write(`first load: ${kib(total)} of script, gzipped, in ${first.length} files (budget ${kib(BUDGET)})\n`);
if (total > BUDGET) {
  process.stderr.write('The first load is over its budget: move something into a route chunk.\n');
  process.exit(1);
}
