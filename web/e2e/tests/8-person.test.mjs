// A customer asks for a person; one answers from the dashboard, and hands back to the agent.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, launch, openContext, openPage, settle, shoot, signIn } from "../lib/browser.mjs";
import { serve } from "../lib/deskhand.mjs";
import { OWNER, makeAccount, makeAgent } from "../lib/owner.mjs";
import { openShop } from "../lib/shop.mjs";
import { openSite } from "../lib/site.mjs";

let shop, deskhand, site, browser, owner, customer, agent;

before(async () => {
  shop = await openShop();
  [deskhand, browser] = await Promise.all([serve(shop), launch()]);
  await makeAccount(deskhand);
  const { api } = deskhand;
  agent = await makeAgent(api, "Shop assistant");
  await api("PUT", `/v1/agents/${agent.id}/widget`, {
    enabled: true, title: null, greeting: "Hello!", color: "#1f6feb", text_color: "#ffffff", position: "right",
  });
  site = await openSite(`<script src="${deskhand.url}/widget.js" data-agent="${agent.id}" async></script>`);
  await api("PATCH", "/v1/workspace", { widget_origins: [site.origin] });
  owner = await openPage(await openContext(browser, { viewport: { width: 1280, height: 800 } }));
  customer = await openPage(await openContext(browser));
  await signIn(owner.page, deskhand.url, OWNER);
});
after(async () => {
  await browser?.close();
  site?.stop();
  await deskhand?.stop();
  shop?.stop();
});

const panel = () => customer.page.frameLocator("iframe");
const heard = (words) => panel().locator(".bubble", { hasText: words }).last().waitFor();
const say = async (text) => {
  await panel().locator("textarea").fill(text);
  await panel().locator("textarea").press("Enter");
};

async function look(name) {
  const { page } = owner;
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

test("the owner lets the agent hand over", async () => {
  const { page } = owner;
  await page.goto(`${deskhand.url}/agents/${agent.id}`);
  await page.getByLabel("Hand over to a person").check({ force: true });
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("Saved.").waitFor();
});

test("a customer asks for a person, and the owner sees who waits, and why", async () => {
  await customer.page.goto(site.origin);
  await customer.page.getByRole("button", { name: /^Open chat/ }).click();
  await say("I want to talk to a person please");
  await heard(/person/);
  const { page } = owner;
  await page.getByRole("status", { name: "Notices" }).getByRole("link", { name: "Answer" }).click();
  const row = page.getByRole("table", { name: "Conversations" }).locator("tbody tr", { hasText: "Waiting for a person" });
  await row.waitFor();
  await look("person-list");
  await row.click();
  await page.getByText(/waits for a person/).first().waitFor();
  await look("person-waiting");
});

test("the person's answer reaches the customer without a reload, and is said to be a person's", async () => {
  const { page } = owner;
  await page.getByLabel("Answer as a person").fill("I am Ada. Your parcel leaves today.");
  await page.getByRole("button", { name: "Send answer" }).click();
  await heard("Your parcel leaves today.");
  await panel().getByText("A person from our team", { exact: true }).waitFor();
  await page.getByRole("list", { name: "Conversation" }).getByText("Person from your team").waitFor();
  await shoot(customer.page, "widget-person-1440-light");
  const [, frame] = customer.page.frames();
  assert.deepEqual(await axe(frame), []);
  await look("person-answered");
});

test("handed back, nobody waits any more", async () => {
  const { page } = owner;
  await page.getByRole("button", { name: "Hand back to the agent" }).click();
  await page.getByText("The agent stays silent here", { exact: false }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Answer as a person …" }).waitFor();
  await page.getByRole("status", { name: "Notices" }).getByRole("link").waitFor({ state: "detached" });
});

test("nothing went wrong in either browser meanwhile", () => {
  assert.deepEqual([...owner.faults, ...customer.faults], []);
});
