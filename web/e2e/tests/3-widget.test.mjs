// The widget on a page of another origin, served by the real server.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { axe, launch, openContext, openPage, shoot } from "../lib/browser.mjs";
import { serve } from "../lib/deskhand.mjs";
import { makeAgent, orderAction } from "../lib/owner.mjs";
import { openShop } from "../lib/shop.mjs";
import { openLine, openSite } from "../lib/site.mjs";

const GREETING = "Hello! Ask me about your order.";

let shop, deskhand, line, site, browser, context;

before(async () => {
  shop = await openShop();
  [deskhand, browser] = await Promise.all([serve(shop), launch()]);
  line = await openLine(deskhand.url);
  const { api } = deskhand;
  const agent = await makeAgent(api, "Shop assistant", [await api("POST", "/v1/actions", orderAction(shop.at("/orders")))]);
  await api("PUT", `/v1/agents/${agent.id}/widget`, {
    enabled: true, title: null, greeting: GREETING, color: "#1f6feb", text_color: "#ffffff", position: "right",
  });
  site = await openSite(`<script src="${line.url}/widget.js" data-agent="${agent.id}" async></script>`);
});
beforeEach(async () => {
  await deskhand.api("PATCH", "/v1/workspace", { widget_origins: [site.origin] });
  context = await openContext(browser);
});
afterEach(() => context.close());
after(async () => {
  await browser?.close();
  line?.stop();
  site?.stop();
  await deskhand?.stop();
  shop?.stop();
});

const chatButton = (page) => page.getByRole("button", { name: /^(Open|Close) chat/ });
const panel = (page) => page.frameLocator("iframe");
const bubbles = (page) => panel(page).locator(".bubble").allTextContents();

async function arrive() {
  const visit = await openPage(context);
  await visit.page.goto(site.origin);
  await chatButton(visit.page).click();
  await panel(visit.page).locator("textarea").waitFor();
  return visit;
}

async function say(page, text) {
  await panel(page).locator("textarea").fill(text);
  await panel(page).locator("textarea").press("Enter");
}

async function reply(page, words) {
  const said = panel(page).locator(".bubble", { hasText: words }).last();
  await said.waitFor().catch(async () => assert.fail(`${words} is not in: ${(await bubbles(page)).join("\n")}`));
}

test("a customer asks, is asked for the number, and gets the answer", async () => {
  const { page, faults } = await arrive();
  await say(page, "Where's my order?");
  await reply(page, /order number/i);
  let go;
  shop.held = new Promise((resolve) => (go = resolve));
  await say(page, "ORD-12345");
  await panel(page).getByText("Checking order status…").first().waitFor();
  await shoot(page, "widget-running-1440-light");
  go();
  await reply(page, "1Z999AA10123456784");
  await shoot(page, "widget-answer-1440-light");
  assert.equal(shop.calls.at(-1).headers["deskhand-test"], undefined);
  assert.equal(shop.calls.at(-1).headers["deskhand-contact"], "asserted");
  assert.deepEqual(faults, []);
});

test("the conversation is kept across page loads, and in a second tab", async () => {
  const { page, faults } = await arrive();
  await say(page, "Where's my order ORD-67890?");
  await reply(page, "being processed");
  const said = await bubbles(page);
  await page.reload();
  await chatButton(page).click();
  await reply(page, "being processed");
  assert.deepEqual(await bubbles(page), said);

  const other = await arrive();
  await reply(other.page, "being processed");
  await say(other.page, "And ORD-12345?");
  await Promise.all([page, other.page].map((one) => reply(one, "1Z999AA10123456784")));
  assert.deepEqual(await bubbles(page), await bubbles(other.page));
  assert.equal((await bubbles(page)).filter((text) => text === "And ORD-12345?").length, 1);
  assert.deepEqual([...faults, ...other.faults], []);
});

test("a connection that drops in the middle of a turn loses nothing and repeats nothing", async () => {
  const { page } = await arrive();
  const before = shop.calls.length;
  let go;
  shop.held = new Promise((resolve) => (go = resolve));
  await say(page, "Where's my order ORD-12345?");
  await panel(page).getByText("Checking order status…").first().waitFor();
  line.cut();
  await say(page, "Are you there?");
  go();
  line.mend();
  await reply(page, "1Z999AA10123456784");
  const texts = await untilAnswered(page, 5);
  assert.deepEqual([texts[0], texts[1], texts[3]], [GREETING, "Where's my order ORD-12345?", "Are you there?"]);
  assert.equal(shop.calls.length, before + 1, "the shop was called once");
});

/** What is said, once there is so much of it and nobody is typing. */
async function untilAnswered(page, count) {
  await panel(page).locator(".bubble").nth(count - 1).waitFor();
  await panel(page).locator(".dots").waitFor({ state: "detached" });
  const texts = await bubbles(page);
  assert.equal(texts.length, count, texts.join("\n"));
  return texts;
}

test("an origin that is not allowed gets no chat, and its owner is told why", async () => {
  await deskhand.api("PATCH", "/v1/workspace", { widget_origins: ["https://shop.example"] });
  const { page, warnings } = await openPage(context);
  const told = page.waitForEvent("console", { predicate: (message) => message.text().includes("allowed widget origins"), timeout: 20_000 });
  await page.goto(site.origin);
  assert((await told).text().includes(site.origin), warnings.join("\n"));
  assert.equal(await chatButton(page).count(), 0);
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1440, 390, 320]) {
    test(`${colorScheme} at ${width} px: axe finds nothing, nothing goes wrong`, async () => {
      await context.close();
      context = await openContext(browser, { viewport: { width, height: width < 480 ? 700 : 900 }, colorScheme });
      const { page, faults } = await arrive();
      await say(page, "Where's my order ORD-12345?");
      await reply(page, "1Z999AA10123456784");
      await shoot(page, `widget-${width}-${colorScheme}`);
      const [, frame] = page.frames();
      assert.deepEqual(await axe(frame), []);
      assert.deepEqual(await axe(page), []);
      assert.equal(await frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
      assert.deepEqual(faults, []);
    });
  }
}
