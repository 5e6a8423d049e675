// What is not known is settled by its owner, and the customer is told; work that takes long is reported on.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, launch, openContext, openPage, settle, shoot, signIn } from "../lib/browser.mjs";
import { serve } from "../lib/deskhand.mjs";
import { OWNER, makeAccount, makeAgent, orderAction } from "../lib/owner.mjs";
import { openShop } from "../lib/shop.mjs";

let shop, deskhand, browser, context, visit, page, agent;

before(async () => {
  shop = await openShop();
  [deskhand, browser] = await Promise.all([serve(shop), launch()]);
  await makeAccount(deskhand);
  const { api } = deskhand;
  const write = (path, name, display_name, what, more) =>
    api("POST", "/v1/actions", orderAction(shop.at(path), { name, display_name, description: `${what} Requires the order number.`, effect: "write", ...more }));
  agent = await makeAgent(api, "Shop assistant", [
    await write("/silent", "request_refund", "Request a refund", "Ask for a refund. Use when the customer wants a refund or their money back.", { timeout_seconds: 1 }),
    await write("/accepted", "send_invoice", "Send an invoice", "Send an invoice. Use when the customer asks for an invoice.", { long_running: true }),
  ]);
  context = await openContext(browser, { viewport: { width: 1280, height: 800 } });
  visit = await openPage(context);
  page = visit.page;
  await signIn(page, deskhand.url, OWNER);
});
after(async () => {
  await browser?.close();
  await deskhand?.stop();
  shop?.stop();
});

const say = (message) => deskhand.api("POST", `/v1/agents/${agent.id}/chat`, { message, contact: { id: "cus_42", name: "Grace Customer" } });
const notices = () => page.getByRole("status", { name: "Notices" });
const button = (name) => page.getByRole("button", { name, exact: true });
const heading = (name) => page.getByRole("heading", { name });

/** Nothing serious for axe, light and dark, and a picture of each. */
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

test("a call that may have gone through is told on every page, as it happens", async () => {
  const { reply, invocations } = await say("I want a refund for order ORD-12345");
  assert.equal(invocations[0].status, "unknown", reply);
  // Nothing was reloaded: the page had been open before.
  await notices().getByText(/may or may not have gone through/).waitFor();
  await notices().getByRole("link", { name: "Settle" }).click();
  const view = page.getByRole("button", { name: /^To settle ?1$/ });
  await view.waitFor();
  assert.equal(await view.getAttribute("aria-pressed"), "true");
  await look("to-settle");
});

test("its owner says what became of it, with a note", async () => {
  await page.getByRole("table", { name: "Invocations" }).locator("tbody tr", { hasText: "request_refund" }).click();
  await heading("What is known, and what is not").waitFor();
  await look("settle-form");
  await button("Settle").click();
  await page.getByText("Choose one.").waitFor();
  await page.getByText("Write how you know", { exact: false }).waitFor();
  await page.getByLabel("It went through").check();
  await page.getByLabel("Note").fill("Refund 8812 is in the ledger.");
  await page.getByText("the customer is told at once", { exact: false }).waitFor();

  const watching = await openPage(context);
  const { data } = await deskhand.api("GET", "/v1/conversations");
  await watching.page.goto(`${deskhand.url}/conversations/${data[0].id}`);
  await watching.page.getByRole("list", { name: "Conversation" }).waitFor();

  await button("Settle").click();
  await heading("Settled by hand").waitFor();
  await page.locator("blockquote", { hasText: "Refund 8812 is in the ledger." }).waitFor();
  await page.getByText("Somebody of your workspace found that it went through.").first().waitFor();
  await notices().getByText(/may or may not/).waitFor({ state: "detached" });
  await watching.page.getByText(/Good news/).waitFor();
  assert.deepEqual(watching.faults, []);
  await watching.page.close();
  await look("settled");
});

test("work that takes long: its progress and its end are seen as they are reported", async () => {
  const { invocations } = await say("Please send me an invoice for order ORD-67890");
  assert.equal(invocations[0].status, "accepted");
  await page.goto(`${deskhand.url}/invocations/${invocations[0].id}`);
  await page.getByText(/A report is taken until/).waitFor();
  const callback = shop.calls.at(-1).headers["deskhand-callback-url"];
  const report = (body) => fetch(callback, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  assert.equal((await report({ progress: "The invoice is being printed" })).status, 200);
  await page.getByText("Your system reported: “The invoice is being printed”").waitFor();
  await look("long-running");
  assert.equal((await report({ success: true, result: { message: "Invoice 77 is in the mail." } })).status, 200);
  await page.getByText("Your system reported that it is done.").first().waitFor();
  await page.getByText("Completed", { exact: true }).first().waitFor();
});

test("nothing went wrong in the browser meanwhile", () => {
  assert.deepEqual(visit.faults, []);
});
