// What the first load weighs, and how soon the dashboard can be used.

import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, test } from "node:test";
import { launch, openContext, openPage, signIn } from "../lib/browser.mjs";
import { serve } from "../lib/deskhand.mjs";
import { OWNER, makeAccount, makeAgent } from "../lib/owner.mjs";
import { openShop } from "../lib/shop.mjs";

const FIRST_LOAD = 300 * 1024;
const WIDGET = 20 * 1024;
// The aim is 1 s, and a debug build takes a fifth of it on an idle machine: what is printed counts. A
// machine that is busy with other things must not fail a test.
const USABLE_MS = 5_000;

let shop, deskhand, browser;

before(async () => {
  shop = await openShop();
  [deskhand, browser] = await Promise.all([serve(shop), launch()]);
  await makeAccount(deskhand);
});
after(async () => {
  await browser?.close();
  await deskhand?.stop();
  shop?.stop();
});

/** Bytes on the way of what is at an address, gzipped; and whether it may be kept for good. */
const fetched = (url) =>
  new Promise((resolve, reject) => {
    get(url, { headers: { "accept-encoding": "gzip" } }, (response) => {
      let bytes = 0;
      response.on("data", (chunk) => (bytes += chunk.length));
      response.on("end", () => resolve({ bytes, cache: response.headers["cache-control"] ?? "", status: response.statusCode }));
    }).on("error", reject);
  });

const sum = async (urls) => (await Promise.all(urls.map(fetched))).reduce((all, { bytes }) => all + bytes, 0);
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;

/** The scripts that a page asks for, as they come. */
function scriptsOf(page) {
  const urls = new Set();
  page.on("request", (request) => {
    if (request.resourceType() === "script") urls.add(request.url());
  });
  return urls;
}

test("script of the first load is within its budget, until sign-in and until the overview", async (t) => {
  const { page, faults } = await openPage(await openContext(browser));
  const scripts = scriptsOf(page);
  await page.goto(`${deskhand.url}/sign-in`);
  await page.getByLabel("Email").waitFor();
  const signedOut = await sum([...scripts]);
  await signIn(page, deskhand.url, OWNER);
  await page.getByText("Nothing has happened").waitFor();

  const { page: fresh } = await openPage(page.context());
  const overview = scriptsOf(fresh);
  await fresh.goto(deskhand.url);
  await fresh.getByText("Nothing has happened").waitFor();
  const signedIn = await sum([...overview]);
  t.diagnostic(`script, gzipped: sign-in page ${kib(signedOut)}, overview ${kib(signedIn)}, budget ${kib(FIRST_LOAD)}`);
  assert(signedOut > 50_000 && signedOut <= FIRST_LOAD, `sign-in page: ${kib(signedOut)}`);
  assert(signedIn > 50_000 && signedIn <= FIRST_LOAD, `overview: ${kib(signedIn)}`);
  for (const url of overview) assert.match((await fetched(url)).cache, /immutable/, url);
  assert.deepEqual(faults, []);
});

test("the overview can be used within a second", async (t) => {
  const context = await openContext(browser);
  const { page } = await openPage(context);
  await signIn(page, deskhand.url, OWNER);
  const times = [];
  for (let run = 0; run < 5; run++) {
    const began = performance.now();
    await page.goto(deskhand.url);
    await page.getByRole("link", { name: "Open an agent" }).waitFor();
    times.push(performance.now() - began);
  }
  const [best, , middle] = times.sort((a, b) => a - b);
  t.diagnostic(`overview usable after ${Math.round(middle)} ms (median of 5; best ${Math.round(best)} ms)`);
  assert(middle <= USABLE_MS, `${Math.round(middle)} ms, at most ${USABLE_MS} ms`);
});

test("the widget is within its budget, loader, frame, script and style", async (t) => {
  const agent = await makeAgent(deskhand.api, "Shop assistant");
  await deskhand.api("PUT", `/v1/agents/${agent.id}/widget`, {
    enabled: true, title: null, greeting: "Hello!", color: "#1f6feb", text_color: "#ffffff", position: "right",
  });
  const frame = `${deskhand.url}/widget/frame?agent=${agent.id}`;
  const html = await (await fetch(frame)).text();
  const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => new URL(path, frame).href);
  assert(parts.length >= 2, html);
  const bytes = await sum([`${deskhand.url}/widget.js`, frame, ...parts]);
  t.diagnostic(`widget, gzipped: ${kib(bytes)}, budget ${kib(WIDGET)}`);
  assert(bytes > 5_000 && bytes <= WIDGET, kib(bytes));
});
