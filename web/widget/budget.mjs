// Fails the build if what a visitor downloads has grown beyond what a host page should bear.
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 20 * 1024;

const files = readdirSync("dist", { recursive: true, withFileTypes: true }).filter(
  (entry) => entry.isFile() && !/\.(br|gz)$/.test(entry.name),
);
let total = 0;
for (const { parentPath, path, name } of files) {
  const bytes = gzipSync(readFileSync(`${parentPath ?? path}/${name}`), { level: 9 }).length;
  total += bytes;
  console.log(`${String(bytes).padStart(7)} B gzipped  ${name}`);
}
console.log(`${String(total).padStart(7)} B of ${LIMIT} B`);
if (total > LIMIT) {
  console.error(`The widget is ${total - LIMIT} B over its budget.`);
  process.exit(1);
}
