// The real binary on an empty database, and its API.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = new URL("../../../", import.meta.url);
const START_MS = 20_000;
const KEY = "e2e-bootstrap-key-that-is-long-enough-0123456789";

/** Starts `deskhand serve`; resolves when it is ready. `withKey`: a workspace with an admin key is made. */
export async function serve(shop, { withKey = true } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-e2e-"));
  writeFileSync(join(folder, "ca.pem"), shop.ca);
  const binary = process.env.DESKHAND_BIN ?? new URL("target/debug/deskhand", ROOT).pathname;
  const child = spawn(binary, ["serve"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      DESKHAND_LISTEN: "127.0.0.1:0",
      DESKHAND_DATABASE_URL: `sqlite://${join(folder, "e2e.db")}`,
      DESKHAND_EGRESS_ALLOW: shop.allow,
      DESKHAND_EGRESS_CA_FILE: join(folder, "ca.pem"),
      DESKHAND_EGRESS_ADDRESSES: "192.0.2.10",
      DESKHAND_LOG: "info",
      ...(withKey ? { DESKHAND_BOOTSTRAP_API_KEY: KEY } : {}),
    },
  });
  const said = [];
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const { url, link } = await new Promise((resolve, reject) => {
    const found = {};
    const tooLong = setTimeout(() => reject(new Error(`not ready in time:\n${said.join("\n")}`)), START_MS);
    // The link and the log come through two pipes, in any order.
    const hear = (line) => {
      said.push(line);
      found.link ??= /http\S+\/setup#[\w-]+/.exec(line)?.[0];
      if (line.includes('"ready"')) found.url = /"url":"([^"]+)"/.exec(line)?.[1];
      if (!found.link || !found.url) return;
      clearTimeout(tooLong);
      resolve(found);
    };
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on("line", hear);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`deskhand serve ended with ${code}:\n${said.join("\n")}`)));
  });
  const api = async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  };
  return {
    url,
    /** The printed set-up link. */
    link,
    said,
    api,
    async stop() {
      child.kill("SIGKILL");
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
