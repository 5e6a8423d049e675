// After `vite build`: holds what a browser must load before the first page to its budget.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const DIST = new URL('../dist/', import.meta.url);
const BUDGET = 300 * 1024;

const read = (path) => readFileSync(new URL(path, DIST));
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;

// The entry, and the modules that the page preloads beside it.
const first = [...read('index.html').toString().matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((found) => found[1]);
const total = first.reduce((sum, path) => sum + gzipSync(read(path), { level: 9 }).length, 0);
process.stdout.write(`first load: ${kib(total)} of script, gzipped, in ${first.length} files (budget ${kib(BUDGET)})\n`);
if (total > BUDGET) {
  process.stderr.write('The first load is over its budget: move something into a route chunk.\n');
  process.exit(1);
}
