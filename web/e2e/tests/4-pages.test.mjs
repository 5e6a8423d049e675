// Every page, empty and full, light and dark, wide and narrow: nothing goes wrong in the browser, axe finds
// nothing serious, nothing sticks out; each leaves its picture in target/e2e/screenshots.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, launch, openContext, openPage, overflow, settle, shoot, signIn } from "../lib/browser.mjs";
import { serve } from "../lib/deskhand.mjs";
import { furnish } from "../lib/furnish.mjs";
import { OWNER, makeAccount } from "../lib/owner.mjs";
import { openShop } from "../lib/shop.mjs";

const SETTINGS = ["workspace", "keys", "events", "network", "widget", "members", "account"];
const WIDTHS = { 1440: { width: 1440, height: 900 }, 390: { width: 390, height: 844 } };

/** Pages that are there from the start, by the name of their picture. */
const ALWAYS = {
  overview: "/",
  agents: "/agents",
  "agent-new": "/agents/new",
  actions: "/actions",
  "action-new": "/actions/new",
  conversations: "/conversations",
  invocations: "/invocations",
};

const OUTSIDE = {
  "not-set-up": "/sign-in",
  setup: "/setup#abc",
  "setup-without-token": "/setup",
  join: "/join#abc",
  nowhere: "/sign-in/nowhere",
};

const FULL = (at) => ({
  ...ALWAYS,
  "overview-7-days": "/?period=7d",
  agent: `/agents/${at.agent}`,
  "agent-actions": `/agents/${at.agent}?tab=actions`,
  "agent-widget": `/agents/${at.agent}?tab=widget`,
  playground: `/agents/${at.agent}/playground`,
  "playground-conversation": `/agents/${at.agent}/playground?conversation=${at.tried}`,
  action: `/actions/${at.action}`,
  "action-stock": `/actions/${at.stock}`,
  "action-versions": `/actions/${at.action}/versions`,
  conversation: `/conversations/${at.conversation}`,
  "conversation-long": `/conversations/${at.longest}`,
  "conversations-none-found": "/conversations?q=nothing+like+it",
  "invocation-succeeded": `/invocations/${at.succeeded}`,
  "invocation-unknown": `/invocations/${at.unknown}`,
  "invocation-failed": `/invocations/${at.failed}`,
  "invocation-declined": `/invocations/${at.declined}`,
  ...settings(),
});

function settings() {
  return Object.fromEntries(SETTINGS.map((section) => [`settings-${section}`, `/settings/${section}`]));
}

let shop, deskhand, browser;

before(async () => {
  shop = await openShop();
  [deskhand, browser] = await Promise.all([serve(shop), launch()]);
});
after(async () => {
  await browser?.close();
  await deskhand?.stop();
  shop?.stop();
});

/** Looks at pages one after another; what is wrong with any of them is told at the end. */
async function look(state, pages, signedIn = true) {
  const wrong = [];
  for (const [width, viewport] of Object.entries(WIDTHS)) {
    const context = await openContext(browser, { viewport, hasTouch: viewport.width < 480 });
    const { page, faults } = await openPage(context);
    if (signedIn) await signIn(page, deskhand.url, OWNER);
    for (const [name, path] of Object.entries(pages)) {
      const note = (what, list) => wrong.push(...list.splice(0).map((one) => `${state} ${name} ${width} ${what}: ${one}`));
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        if (colorScheme === "light") {
          await page.goto("about:blank");
          await page.goto(deskhand.url + path);
        }
        await settle(page).catch((error) => assert.fail(`${state} ${name} ${width}: ${error.message}`));
        await shoot(page, `${state}-${name}-${width}-${colorScheme}`);
        // Only colours differ in the dark, and they are the same at every width.
        if (colorScheme === "light") note("light", await axe(page));
        else if (viewport.width > 480) note("dark", await axe(page, ["color-contrast"]));
      }
      note("sticks out", await overflow(page));
      note("went wrong", faults);
    }
    await context.close();
  }
  assert.deepEqual(wrong, []);
}

test("pages for who is not signed in", { timeout: 120_000 }, () => look("outside", OUTSIDE, false));

test("a visitor who is not signed in is led to the sign-in page, without a fault", async () => {
  await makeAccount(deskhand);
  await look("outside", { "sign-in": "/sign-in" }, false);
  const { page, faults } = await openPage(await openContext(browser));
  await page.goto(`${deskhand.url}/actions`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.deepEqual(faults, []);
  assert.match(page.url(), /from=/);
});

test("empty pages", { timeout: 300_000 }, () => look("empty", { ...ALWAYS, ...settings() }));

test("full pages", { timeout: 500_000 }, async () => look("full", FULL(await furnish(deskhand, shop))));
