// Event endpoints: made, tried, followed, mended and taken away by their owner.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, launch, openContext, openPage, settle, shoot, signIn } from "../lib/browser.mjs";
import { serve } from "../lib/deskhand.mjs";
import { OWNER, makeAccount, makeAgent } from "../lib/owner.mjs";
import { isSigned, openShop } from "../lib/shop.mjs";

let shop, deskhand, browser, visit, page, secret;

before(async () => {
  shop = await openShop();
  [deskhand, browser] = await Promise.all([serve(shop), launch()]);
  await makeAccount(deskhand);
  visit = await openPage(await openContext(browser, { viewport: { width: 1280, height: 800 }, permissions: ["clipboard-read", "clipboard-write"] }));
  page = visit.page;
  await signIn(page, deskhand.url, OWNER);
});
after(async () => {
  await browser?.close();
  await deskhand?.stop();
  shop?.stop();
});

const button = (name) => page.getByRole("button", { name, exact: true });
const received = (path) => shop.calls.filter((call) => call.path === path);
const rows = () => page.getByRole("table", { name: "Deliveries" }).locator("tbody tr");

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

test("an endpoint is made; what would be refused is said at its field; the secret is shown once", async () => {
  await page.goto(`${deskhand.url}/settings/events`);
  await button("New endpoint").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("URL").fill("https://10.0.0.7/events");
  await dialog.getByLabel("Only some").check();
  await dialog.getByRole("button", { name: "Create endpoint" }).click();
  await dialog.getByText("Choose at least one event.").waitFor();
  await dialog.getByLabel("conversation.started").check();
  await dialog.getByLabel("invocation.unknown").check();
  await look("event-endpoint-new");
  await dialog.getByRole("button", { name: "Create endpoint" }).click();
  await dialog.getByText(/private|public/i).first().waitFor();
  await dialog.getByLabel("URL").fill(shop.at("/events"));
  await dialog.getByLabel("Description").fill("Tickets in the help desk");
  await dialog.getByRole("button", { name: "Create endpoint" }).click();
  await page.getByText("The signing secret of the new endpoint").waitFor();
  secret = (await page.getByText(/^whsec_/).innerText()).trim();
  await page.getByRole("table", { name: "Event endpoints" }).getByText("conversation.started, invocation.unknown").waitFor();
  await look("event-endpoint-made");
  await button("I have stored it").click();
  assert.equal(await page.getByText(secret).count(), 0);
});

test("a test event arrives, signed, and stands in the log with its request and its answer", async () => {
  await page.getByRole("table", { name: "Event endpoints" }).getByText(shop.at("/events")).click();
  await page.getByText("Nothing has been sent yet", { exact: false }).waitFor();
  await button("Send test event").click();
  await rows().filter({ hasText: "endpoint.test" }).getByText("Delivered").waitFor();
  await look("event-endpoint");
  await rows().first().click();
  await page.getByText("The endpoint took it and answered 204.").waitFor();
  const attempt = page.getByRole("region", { name: "Attempt 1" });
  await attempt.getByText("Status 204").waitFor();
  const shown = await attempt.innerText();
  for (const part of [shop.at("/events"), "webhook-id", "webhook-signature", "endpoint.test"]) assert(shown.includes(part), part);
  await look("event-delivery");
  const [{ headers, body }] = received("/events");
  assert(isSigned(headers, body, secret));
});

test("it can be sent again: the same event, in a delivery of its own", async () => {
  const first = page.url();
  await button("Send again").click();
  await page.waitForURL((url) => url.href !== first);
  await page.getByText("The endpoint took it and answered 204.").waitFor();
  const [one, other] = received("/events");
  assert.equal(one.headers["webhook-id"], other.headers["webhook-id"]);
});

test("it is changed, paused, switched on, and given a new secret", async () => {
  await page.getByRole("link", { name: shop.at("/events") }).first().click();
  await page.getByLabel("Description").fill("Tickets and reports");
  await page.getByLabel("All events", { exact: false }).check();
  await button("Save changes").click();
  await page.getByText("Saved.").waitFor();
  await page.getByText("All events · made", { exact: false }).waitFor();
  await button("Pause").click();
  await page.getByText("Paused", { exact: true }).waitFor();
  await button("Switch on again").click();
  await button("Pause").waitFor();
  await button("Make a new secret …").click();
  await page.getByRole("dialog").getByRole("button", { name: "Make a new secret" }).click();
  const fresh = (await page.getByText(/^whsec_/).innerText()).trim();
  assert.notEqual(fresh, secret);
  await button("I have stored it").click();
});

test("one that is gone is switched off; its owner sees why on every page, and switches it on again", async () => {
  const gone = await deskhand.api("POST", "/v1/event_endpoints", { url: shop.at("/gone") });
  // A trial switches nothing off; what is told of a customer does.
  const agent = await makeAgent(deskhand.api, "Shop assistant");
  await deskhand.api("POST", `/v1/agents/${agent.id}/chat`, { message: "Hello" });
  await page.goto(`${deskhand.url}/settings/events/${gone.id}`);
  await rows().getByText("Failed").first().waitFor();
  await page.reload();
  await page.getByText("Switched off by the server", { exact: false }).waitFor();
  await page.getByText(/answered 410/).first().waitFor();
  await look("event-endpoint-gone");
  await page.goto(`${deskhand.url}/agents`);
  await page.getByRole("status", { name: "Notices" }).getByRole("link", { name: "Open the endpoint" }).click();
  await button("Switch on again").click();
  await button("Pause").waitFor();
  await page.getByText("Switched off by the server", { exact: false }).waitFor({ state: "detached" });
});

test("it is deleted by its name", async () => {
  await button("Delete endpoint …").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill(shop.at("/gone"));
  await dialog.getByRole("button", { name: "Delete endpoint" }).click();
  await page.getByRole("table", { name: "Event endpoints" }).getByText(shop.at("/events")).waitFor();
  assert.equal(await page.getByText(shop.at("/gone")).count(), 0);
});

test("nothing went wrong in the browser meanwhile", () => {
  // The refused URL is an answer of 422, which browsers write to the console as well.
  assert.deepEqual(visit.faults.filter((fault) => !fault.includes("422")), []);
});
