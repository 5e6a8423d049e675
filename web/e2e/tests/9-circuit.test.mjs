// An endpoint that is down is left alone; its owner sees why on every page, mends it, and calls go on.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, launch, openContext, openPage, settle, shoot, signIn } from "../lib/browser.mjs";
import { serve } from "../lib/deskhand.mjs";
import { OWNER, makeAccount, makeAgent, orderAction } from "../lib/owner.mjs";
import { openShop } from "../lib/shop.mjs";

/** The fewest calls that can stop the next one. */
const CALLS = 10;

let shop, deskhand, browser, visit, page, agent, action;

before(async () => {
  shop = await openShop();
  [deskhand, browser] = await Promise.all([serve(shop), launch()]);
  await makeAccount(deskhand);
  action = await deskhand.api("POST", "/v1/actions", orderAction(shop.at("/broken")));
  agent = await makeAgent(deskhand.api, "Shop assistant", [action]);
  visit = await openPage(await openContext(browser, { viewport: { width: 1280, height: 800 } }));
  page = visit.page;
  await signIn(page, deskhand.url, OWNER);
});
after(async () => {
  await browser?.close();
  await deskhand?.stop();
  shop?.stop();
});

const ask = () => deskhand.api("POST", `/v1/agents/${agent.id}/chat`, { message: "Where is my order ORD-12345?" });
const notices = () => page.getByRole("status", { name: "Notices" });
const alert = () => page.getByText("Calls are stopped: the circuit is open");

/** Nothing serious for axe, light and dark, wide and narrow, and a picture of each. */
async function look(name) {
  const wrong = [];
  for (const [width, height] of [[1280, 800], [390, 844]]) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await settle(page);
      await shoot(page, `${name}-${width}-${colorScheme}`);
      wrong.push(...(await axe(page)).map((one) => `${name} ${width} ${colorScheme}: ${one}`));
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
  assert.deepEqual(wrong, []);
}

test("too many failures stop the calls, and every page says so as it happens", async () => {
  for (let n = 0; n < CALLS; n++) await ask();
  await notices().getByText(/Calls of “Check order status” are stopped/).waitFor();
  await notices().getByRole("link", { name: "Open the action" }).click();
  await alert().waitFor();
  await page.getByText(/of the last \d+ calls failed, mostly http_error/).first().waitFor();
  await look("circuit-open");
});

test("a customer hears it at once, and nothing is sent", async () => {
  const before = shop.calls.length;
  const { reply, invocations } = await ask();
  assert.match(reply, /the system I need for it isn't answering/);
  assert.equal(shop.calls.length, before);
  await page.goto(`${deskhand.url}/invocations/${invocations[0].id}`);
  await page.getByText("Mend the endpoint; calls go on by themselves.", { exact: false }).first().waitFor();
  await look("circuit-invocation");
});

test("the list of actions shows it, and what failed is a click away", async () => {
  await page.goto(`${deskhand.url}/actions`);
  await page.getByText("Circuit open", { exact: true }).first().waitFor();
  await page.goto(`${deskhand.url}/actions/${action.id}`);
  await page.getByRole("link", { name: "See what failed" }).click();
  await page.getByRole("table", { name: "Invocations" }).getByText("check_order_status").first().waitFor();
});

test("a mended action is called again, and the banner goes", async () => {
  await page.goto(`${deskhand.url}/actions/${action.id}`);
  await alert().waitFor();
  await page.getByLabel("Webhook URL").fill(shop.at("/orders"));
  await page.getByRole("button", { name: "Save changes" }).click();
  await alert().waitFor({ state: "detached" });
  await notices().getByText(/are stopped/).waitFor({ state: "detached" });
  const { reply, invocations } = await ask();
  assert.equal(invocations[0].status, "succeeded", reply);
});

test("nothing went wrong in the browser meanwhile", () => {
  assert.deepEqual(visit.faults, []);
});
