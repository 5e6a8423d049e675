// From an empty database to the first call in the log, as an owner goes it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openContext, openPage } from "../lib/browser.mjs";
import { serve } from "../lib/deskhand.mjs";
import { openShop } from "../lib/shop.mjs";

const DESCRIPTION =
  "Check the status of a customer's order. Use when the customer asks about their order status, delivery tracking, or where their package is. Requires the order number.";

let shop, deskhand, browser, context, visit, page;

before(async () => {
  shop = await openShop();
  [deskhand, browser] = await Promise.all([serve(shop, { withKey: false }), launch()]);
  context = await openContext(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  visit = await openPage(context);
  page = visit.page;
});
after(async () => {
  await browser?.close();
  await deskhand?.stop();
  shop?.stop();
});

const button = (name) => page.getByRole("button", { name, exact: true });
const heading = (name) => page.getByRole("heading", { name, level: 1 });
const section = (name) => page.getByRole("region", { name });

test("the printed link makes the account and the workspace", async () => {
  await page.goto(deskhand.link);
  await page.getByLabel("Workspace").fill("Example Shop");
  await page.getByLabel("Your name").fill("Ada Owner");
  await page.getByLabel("Email").fill("ada@shop.example");
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await button("Create account").click();
  await heading("Create your first agent").waitFor();
  assert(!page.url().includes("#"), "the token stays in the address");
});

test("the first agent", async () => {
  await page.getByLabel("Name", { exact: true }).fill("Shop assistant");
  await button("Create agent").first().click();
  await heading("Shop assistant").waitFor();
});

test("Define: findings appear for a vague description, and go away", async () => {
  await page.goto(`${deskhand.url}/actions/new`);
  const define = section("Define");
  await define.getByLabel("Name", { exact: true }).fill("check_order_status");
  assert.equal(await define.getByLabel("Display name").inputValue(), "Check order status");
  await define.getByLabel("Description").fill("Order lookup");
  const vague = define.getByText(/vague|too short|says? little/i).first();
  await vague.waitFor();
  await define.getByLabel("Description").fill(DESCRIPTION);
  await vague.waitFor({ state: "detached" });
  assert.equal(await define.locator('[data-severity="warning"], [data-severity="error"]').count(), 0);
  await section("What the agent sees").getByText(DESCRIPTION).waitFor();
});

test("Define: a refused URL says which rule refuses it, as one types", async () => {
  const url = section("Define").getByLabel("Webhook URL");
  const refusals = {
    "http://api.example.com/orders": /https/,
    "https://10.0.0.7/orders": /private|public/,
    "https://localhost/orders": /localhost|name/i,
    "https://example.com:8080/orders": /port/i,
    "https://user:secret@example.com/orders": /user/i,
  };
  for (const [typed, rule] of Object.entries(refusals)) {
    await url.fill(typed);
    const said = page.locator("#define").getByText(rule).filter({ hasNotText: "Your HTTPS endpoint" });
    await said.first().waitFor().catch(async () => assert.fail(`${typed}: ${await page.locator("#define").innerText()}`));
  }
  await url.fill(shop.at("/orders"));
  await page.locator("#define").getByText(/public|allow|TLS/).filter({ hasNotText: "Your HTTPS endpoint" }).first().waitFor();
  assert.equal(await page.locator("#define").locator('[data-severity="error"]').count(), 0);
  await section("Define").getByRole("button", { name: "Continue" }).click();
});

test("Parameters: as rows, and the same as JSON", async () => {
  const parameters = section("Parameters");
  for (const [name, about, required] of [
    ["customer_email", "Customer's email address", false],
    ["order_number", "Order number to look up (e.g., ORD-12345)", true],
  ]) {
    await parameters.getByRole("button", { name: "Add parameter" }).click();
    const row = parameters.getByRole("group").last();
    await row.getByLabel("Parameter name").fill(name);
    await row.getByLabel(`Description of ${name}`).fill(about);
    if (required) await row.getByLabel("Required").check();
  }
  await parameters.getByText("JSON", { exact: true }).click();
  const written = async () => (await parameters.locator(".cm-content").innerText()).replaceAll("\u00a0", " ");
  assert.deepEqual(JSON.parse(await written()), {
    type: "object",
    properties: {
      customer_email: { type: "string", description: "Customer's email address" },
      order_number: { type: "string", description: "Order number to look up (e.g., ORD-12345)" },
    },
    required: ["order_number"],
  });
  await parameters.getByText("Rows", { exact: true }).click();
  await parameters.getByLabel("Description of order_number").waitFor();
  await parameters.getByRole("button", { name: "Continue" }).click();
});

test("Webhook: the exact request is shown, and the secret once", async () => {
  const request = section("The request");
  await request.getByText(/webhook-signature/).first().waitFor();
  assert.match(await request.innerText(), /"order_number": "ORD-12345"/);
  await button("Create action").click();
  const secret = page.getByRole("dialog");
  await secret.getByText(/^whsec_/).first().waitFor();
  shop.secret = (await secret.getByText(/^whsec_/).first().innerText()).trim();
  for (const language of ["Node", "Python", "Go", "Rust", "PHP"]) await secret.getByText(language, { exact: true }).first().waitFor();
  await secret.getByRole("button", { name: "I have kept it" }).click();
  await secret.waitFor({ state: "detached" });
  await page.reload();
  await heading("Check order status").waitFor();
  assert.equal(await page.getByText(shop.secret).count(), 0);
});

test("Test: a real, signed call, with the request, the response and a verdict", async () => {
  const run = section("Test");
  await run.getByLabel("order_number").fill("ORD-12345");
  await run.getByRole("button", { name: "Run test call" }).click();
  await run.getByText("Succeeded").first().waitFor();
  const shown = await run.innerText();
  for (const part of ["deskhand-test", "webhook-signature", "idempotency-key", "1Z999AA10123456784", "Status 200"]) {
    assert(shown.includes(part), `${part} is not in:\n${shown}`);
  }
  const [{ headers, call }] = shop.calls;
  assert.equal(headers["deskhand-test"], "true");
  assert.deepEqual(call.parameters, { order_number: "ORD-12345" });
});

test("Attach: the agent offers it", async () => {
  const attach = section("Attach");
  await attach.getByLabel("Shop assistant offers Check order status").click({ force: true });
  await attach.getByRole("link", { name: "Try it in the playground" }).click();
  await page.getByLabel("Message").waitFor();
});

const say = async (text) => {
  await page.getByLabel("Message").fill(text);
  await page.keyboard.press("Enter");
};

test("Playground: it asks for the missing number, then answers from what came back", async () => {
  const transcript = page.getByRole("list", { name: "Conversation" });
  const happened = page.getByRole("region", { name: "What happened", exact: true });
  await say("Where's my order?");
  await transcript.getByText(/order number/i).last().waitFor();
  assert.equal(shop.calls.length, 1, "nothing is sent without the number");
  await say("ORD-12345");
  await transcript.getByText(/1Z999AA10123456784/).waitFor();
  await happened.getByText(/Turn 2/).waitFor();
  await happened.getByText("from the customer’s message (“ORD-12345”)").waitFor();
  const words = transcript.locator("mark", { hasText: "ORD-12345" }).first();
  assert.equal(await words.getAttribute("data-lit"), null);
  await happened.getByText("order_number").last().hover();
  await transcript.locator("mark[data-lit]", { hasText: "ORD-12345" }).waitFor();
  const last = shop.calls.at(-1);
  assert.equal(shop.calls.length, 2);
  assert.equal(last.headers["deskhand-test"], "true");
});

test("the invocation is in the log, with request, response and cURL", async () => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Invocations" }).click();
  const rows = page.getByRole("table", { name: "Invocations" }).locator("tbody tr");
  // Skeletons are rows, too, until the list is there.
  await rows.filter({ hasText: "Succeeded" }).nth(1).waitFor();
  assert.equal(await rows.count(), 2);
  await rows.first().click();
  const attempt = page.getByRole("region", { name: "Attempt 1" });
  await attempt.getByText("Status 200").waitFor();
  const shown = await attempt.innerText();
  for (const part of [shop.at("/orders"), "check_order_status", "webhook-id", "1Z999AA10123456784"]) assert(shown.includes(part), part);
  await attempt.getByRole("button", { name: "Copy as cURL" }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^curl /);
  assert(copied.includes(shop.at("/orders")) && copied.includes("ORD-12345"), copied);
});

test("nothing went wrong in the browser meanwhile", () => {
  assert.deepEqual(visit.faults, []);
});
