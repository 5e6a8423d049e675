// Every way in which a call fails, as the owner of the action reads it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openContext, openPage, signIn } from "../lib/browser.mjs";
import { serve } from "../lib/deskhand.mjs";
import { OWNER, makeAccount, makeAgent, orderAction } from "../lib/owner.mjs";
import { openShop } from "../lib/shop.mjs";

let shop, deskhand, browser, visit, page;

before(async () => {
  shop = await openShop();
  [deskhand, browser] = await Promise.all([serve(shop), launch()]);
  await makeAccount(deskhand);
  visit = await openPage(await openContext(browser));
  page = visit.page;
  await signIn(page, deskhand.url, OWNER);
});
after(async () => {
  await browser?.close();
  await deskhand?.stop();
  shop?.stop();
});

const NOBODY = "https://no-such-host.example.com/orders";

// What is called, what the badge says, and what the words must tell: what happened, and what to do.
const KINDS = {
  "says no": { url: () => shop.at("/declined"), badge: "Declined", told: [/Order not found/] },
  "answers 404": { url: () => shop.at("/missing"), badge: "Failed", told: [/404/, /webhook-id/] },
  "answers 500": { url: () => shop.at("/broken"), badge: "Failed", told: [/500/, /log/] },
  "does not answer": { url: () => shop.at("/silent"), badge: "Failed", told: [/timeout/, /Answer sooner/] },
  "does not answer a change": { url: () => shop.at("/silent"), more: { effect: "write" }, badge: "Unknown", told: [/timeout/, /may or may not/] },
  "answers words": { url: () => shop.at("/words"), badge: "Failed", told: [/invalid_response/, /Answer with a JSON object/] },
  "cuts the connection": { url: () => shop.at("/cut"), badge: "Failed", told: [/connection_lost/, /closed the connection/] },
  "sends elsewhere": { url: () => shop.at("/moved"), badge: "Failed", told: [/redirect/, /redirects are not followed/] },
  "has a strange certificate": { url: () => shop.stranger, badge: "Failed", told: [/tls_error/, /Check the certificate/] },
  "is not there": { url: () => shop.deaf, badge: "Failed", told: [/connect_error/, /Check that the server is running/] },
  "has no address": { url: () => NOBODY, badge: "Failed", told: [/dns_error/, /Check the host/] },
  "leaves out success": { url: () => shop.at("/bare"), badge: "Succeeded", told: [/success/] },
};

for (const [kind, { url, more, badge, told }] of Object.entries(KINDS)) {
  test(`an endpoint that ${kind}`, async () => {
    const { api } = deskhand;
    const name = `a_${kind.replaceAll(" ", "_")}`;
    const timeout_seconds = kind.startsWith("does not") ? 1 : 20;
    const action = await api("POST", "/v1/actions", orderAction(url(), { name, timeout_seconds, ...more }));
    await page.goto(`${deskhand.url}/actions/${action.id}`);
    const run = page.getByRole("region", { name: "Test", exact: true });
    await run.getByLabel("order_number").fill("ORD-12345");
    await run.getByRole("button", { name: "Run test call" }).click();
    await run.getByRole("link", { name: "Open the invocation" }).waitFor({ timeout: 30_000 });
    await run.getByText(badge, { exact: true }).first().waitFor();
    await run.getByRole("link", { name: "Open the invocation" }).click();
    await page.getByRole("heading", { name: "How it came to this" }).waitFor();
    const shown = await page.locator("main").innerText();
    for (const words of [new RegExp(badge), ...told]) assert.match(shown, words);
  });
}

test("the customer of a failing endpoint is told the truth, and the owner sees why", async () => {
  const { api } = deskhand;
  const broken = await api("POST", "/v1/actions", orderAction(shop.at("/broken")));
  const agent = await makeAgent(api, "Shop assistant", [broken], { fallback_contact: "help@shop.example" });
  await page.goto(`${deskhand.url}/agents/${agent.id}/playground`);
  await page.getByLabel("Message").fill("Where's my order? It's ORD-12345");
  await page.keyboard.press("Enter");
  const transcript = page.getByRole("list", { name: "Conversation" });
  await transcript.getByText(/help@shop\.example/).waitFor();
  assert.doesNotMatch(await transcript.innerText(), /500|127\.0\.0\.1|database is away/);
  const happened = page.getByRole("region", { name: "What happened", exact: true });
  await happened.getByText(/500/).first().waitFor();
  await happened.getByText(/Look in your server’s log/).waitFor();
});

test("a call that must not be made is shown as clearly as one that was", async () => {
  const { api } = deskhand;
  const closed = orderAction(shop.at("/orders"), {
    name: "cancel_order",
    display_name: "Cancel order",
    description: "Cancel an order. Use when the customer asks to cancel their order. Requires the order number.",
    effect: "write",
    requires_verified_contact: true,
  });
  const agent = await makeAgent(api, "Careful", [await api("POST", "/v1/actions", closed)]);
  const before = shop.calls.length;
  await page.goto(`${deskhand.url}/agents/${agent.id}/playground`);
  await page.getByLabel("Message").fill("Please cancel my order ORD-12345");
  await page.keyboard.press("Enter");
  const happened = page.getByRole("region", { name: "What happened", exact: true });
  await happened.getByText("Not sent", { exact: true }).first().waitFor();
  await happened.getByText(/Have your site sign a contact token/).first().waitFor();
  assert.equal(shop.calls.length, before);
});

test("nothing went wrong in the browser meanwhile", () => {
  assert.deepEqual(visit.faults, []);
});
