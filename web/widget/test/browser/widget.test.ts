// The built widget in a browser, on a page of another origin.

import type { Browser, BrowserContext, Frame, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { FakeServer } from "../fake-server";
import { axe, launch, panel, site, visit } from "./site";

const SHOTS = process.env.SHOTS;

let browser: Browser;
let context: BrowserContext;
let server: FakeServer;
let shop: Awaited<ReturnType<typeof site>>;
let head: string;

const script = (more = "") =>
  `<script src="${server.base}widget.js" data-agent="agt_1" ${more} async></script>`;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

beforeEach(async () => {
  server = await FakeServer.start();
  head = script();
  shop = await site(() => head);
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
});
afterEach(async () => {
  await context.close();
  shop.stop();
  await server.stop();
});

const button = (page: Page) => page.getByRole("button", { name: /^(Open|Close) chat/ });

async function ask(frame: Frame, text: string): Promise<void> {
  await frame.locator("textarea").fill(text);
  await frame.locator("textarea").press("Enter");
}

/** What is said in the panel, greeting and all. */
const lines = (frame: Frame) => frame.locator(".bubble").allTextContents();

async function until(frame: Frame, text: string): Promise<void> {
  await frame.locator(".bubble", { hasText: text }).last().waitFor();
}

async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

test("a reply streams in, with the action that runs for it", async () => {
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  let start: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (start = resolve));
  server.plan.answer = () => [
    { hold: first },
    { action: "Check order status" },
    { hold: held },
    { finish: true },
    { say: "I've checked: your order ORD-12345 has shipped.\n" },
    { say: "Tracking number 1Z999AA10123456784, due March 25." },
  ];
  const { page, errors } = await visit(context, shop.url);
  await button(page).click();
  const frame = await panel(page);
  await ask(frame, "Where's my order? It's ORD-12345");
  await frame.locator(".dots").waitFor();
  await shoot(page, "dots-1440");
  start();
  await frame.getByText("Checking order status…").first().waitFor();
  expect(await frame.locator(".dots").count()).toBe(0);
  await shoot(page, "doing-1440");
  go();
  await until(frame, "due March 25");
  expect(await frame.locator(".doing").count()).toBe(0);
  expect(await frame.locator("[aria-live]").textContent()).toContain("has shipped.\nTracking");
  await shoot(page, "reply-1440");
  expect(errors).toEqual([]);
});

test("a conversation is there again on the next page, and in the next tab", async () => {
  const { page, errors } = await visit(context, shop.url);
  await button(page).click();
  await ask(await panel(page), "Hi");
  await until(await panel(page), "You said: Hi");
  await page.reload();
  await button(page).click();
  const said = ["Hello! Ask me about your order.", "Hi", "You said: Hi"];
  await until(await panel(page), "You said: Hi");
  expect(await lines(await panel(page))).toEqual(said);

  const other = await visit(context, shop.url);
  await button(other.page).click();
  const [one, two] = [await panel(page), await panel(other.page)];
  await until(two, "You said: Hi");
  await ask(two, "And here?");
  await until(one, "You said: And here?");
  await ask(one, "Here too");
  await until(two, "You said: Here too");
  await until(one, "You said: Here too");
  expect(await lines(one)).toEqual([...said, "And here?", "You said: And here?", "Here too", "You said: Here too"]);
  expect(await lines(two)).toEqual(await lines(one));
  expect([...errors, ...other.errors]).toEqual([]);
  expect(server.conversations.size).toBe(1);
});

test("a tab that is there already joins the conversation that another begins", async () => {
  const [one, two] = [await visit(context, shop.url), await visit(context, shop.url)];
  for (const { page } of [one, two]) await button(page).click();
  await ask(await panel(one.page), "Hi");
  for (const { page } of [one, two]) await until(await panel(page), "You said: Hi");
  expect(await lines(await panel(two.page))).toEqual(await lines(await panel(one.page)));
});

test("connections that are cut cost nothing", async () => {
  const { page } = await visit(context, shop.url);
  await button(page).click();
  const frame = await panel(page);
  const cuts = [70, 250, 20, 400, 90, 130];
  server.plan.cut = () => cuts.pop() ?? null;
  await ask(frame, "One");
  await ask(frame, "Two");
  await until(frame, "You said: One");
  await until(frame, "You said: Two");
  expect((await lines(frame)).slice(1)).toEqual(["One", "You said: One", "Two", "You said: Two"]);
  expect(server.said()).toHaveLength(2);
});

test("offline is said in one quiet line, and what was written goes out afterwards", async () => {
  const { page } = await visit(context, shop.url);
  await button(page).click();
  const frame = await panel(page);
  await ask(frame, "Hi");
  await until(frame, "You said: Hi");
  await context.setOffline(true);
  await ask(frame, "Still there?");
  await frame.getByText("You're offline.").waitFor();
  await shoot(page, "offline-1440");
  await context.setOffline(false);
  await until(frame, "You said: Still there?");
  await expect.poll(() => frame.locator(".status").textContent()).toBe("");
});

test("everything can be done with the keyboard", async () => {
  const { page } = await visit(context, shop.url);
  await button(page).focus();
  await page.keyboard.press("Enter");
  const frame = await panel(page);
  const focused = () => frame.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  await expect.poll(focused).toBe("Write a message");
  for (const label of ["Send", "Close chat", "Messages", "Write a message"]) {
    await page.keyboard.press("Tab");
    expect(await focused()).toBe(label);
  }
  for (const label of ["Messages", "Close chat", "Send", "Write a message"]) {
    await page.keyboard.press("Shift+Tab");
    expect(await focused()).toBe(label);
  }
  await page.keyboard.type("line one");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("line two");
  await page.keyboard.press("Enter");
  await until(frame, "You said: line one\nline two");
  await page.keyboard.press("Escape");
  await expect.poll(() => button(page).getAttribute("aria-label")).toBe("Open chat");
  const back = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute("aria-label"));
  expect(await back()).toBe("Open chat");
});

test("a reply that comes while the panel is closed is counted", async () => {
  const { page } = await visit(context, shop.url);
  await button(page).click();
  const frame = await panel(page);
  await ask(frame, "Hi");
  await until(frame, "You said: Hi");
  // Its words are there before it has ended; only then it is read, and the page knows.
  const [only] = server.conversations.values();
  const seen = () => page.evaluate(() => JSON.parse(localStorage.getItem("deskhand:agt_1") ?? "{}").seen);
  await expect.poll(seen).toBe(only?.turns[0]?.id);
  const closed = await frame.evaluateHandle(() => {
    const heard = (resolve: () => void) =>
      window.addEventListener("message", ({ data }) => data.type === "close" && resolve());
    return { heard: new Promise<void>(heard) };
  });
  await page.evaluate(() => window.Deskhand?.close());
  await closed.evaluate(({ heard }) => heard);
  if (only) await server.followUp(only, "The refund is done.");
  await page.getByRole("button", { name: "Open chat, 1 new message" }).waitFor({ timeout: 4000 });
  await shoot(page, "unread-1440");
  await page.reload();
  await page.getByRole("button", { name: "Open chat, 1 new message" }).click();
  await until(await panel(page), "The refund is done.");
  await button(page).click();
  expect(await button(page).getAttribute("aria-label")).toBe("Open chat");
  const transcript = page.waitForResponse(/conversations\/[^/]+$/);
  await page.reload();
  await (await transcript).finished();
  await button(page).waitFor();
  expect(await button(page).getAttribute("aria-label")).toBe("Open chat");
});

test("words are shown as words", async () => {
  const bad = '<img src=x onerror="alert(1)"> https://example.com **bold**\n  two  spaces';
  server.plan.answer = () => [{ say: bad }];
  const { page, errors } = await visit(context, shop.url);
  await button(page).click();
  const frame = await panel(page);
  await ask(frame, bad);
  await until(frame, "onerror");
  await expect.poll(() => lines(frame)).toEqual(["Hello! Ask me about your order.", bad, bad]);
  expect(await frame.locator("a, img").count()).toBe(0);
  expect(errors).toEqual([]);
});

test("a page that is not allowed has no button; its owner is told why", async () => {
  server.plan.origins = ["https://shop.example"];
  const { page, warnings } = await visit(context, shop.url);
  await expect.poll(() => warnings.join(), { timeout: 10_000 }).toContain("is not among the allowed widget origins");
  expect(await button(page).count()).toBe(0);
});

test("loaded twice, there is one", async () => {
  head = script() + script();
  const { page, errors } = await visit(context, shop.url);
  await button(page).waitFor();
  await page.addScriptTag({ url: `${server.base}widget.js` });
  expect(await button(page).count()).toBe(1);
  expect(errors).toEqual([]);
});

test("the page says who the customer is, and when they have signed out", async () => {
  head = script('data-contact-token="ada"');
  const { page } = await visit(context, shop.url);
  await button(page).click();
  const frame = await panel(page);
  await ask(frame, "I am Ada");
  await until(frame, "You said: I am Ada");
  await page.evaluate(() => window.Deskhand?.setContactToken(null));
  await expect.poll(() => lines(frame)).toEqual(["Hello! Ask me about your order."]);
  expect(server.sessions.at(-1)?.body.visitor).toBeUndefined();
  await page.evaluate(() => window.Deskhand?.setContactToken(() => Promise.resolve("ada")));
  await until(frame, "You said: I am Ada");
  server.revoke();
  await ask(frame, "Still me");
  await until(frame, "You said: Still me");
  expect((await lines(frame)).length).toBe(5);
});

test("storage that is refused costs the memory, not the chat", async () => {
  await context.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, { get: () => { throw new DOMException("refused", "SecurityError"); } });
    }
  });
  const { page, errors } = await visit(context, shop.url);
  await button(page).click();
  await ask(await panel(page), "Hi");
  await until(await panel(page), "You said: Hi");
  expect(errors).toEqual([]);
});

for (const scheme of ["light", "dark"] as const) {
  for (const width of [1440, 390, 320]) {
    test(`${scheme} at ${width} px: nothing overflows, axe finds nothing`, async () => {
      await context.close();
      context = await browser.newContext({ viewport: { width, height: width < 480 ? 700 : 900 }, colorScheme: scheme, hasTouch: width < 480 });
      server.plan.answer = (message) =>
        message === "Cancel it"
          ? [
              { say: "I can cancel it. Shall I go ahead?" },
              { ask: { id: "cfm_1", display_name: "Cancel order", parameters: { order_number: "ORD-12345", reason: "Ordered twice" } } },
            ]
          : [{ say: "Your order ORD-12345 has shipped. Tracking number 1Z999AA10123456784, due March 25.\n\n" + "x".repeat(120) }];
      const { page, errors } = await visit(context, shop.url);
      await button(page).waitFor();
      await shoot(page, `closed-${scheme}-${width}`);
      expect(await axe(page)).toEqual([]);
      await button(page).click();
      const frame = await panel(page);
      await shoot(page, `empty-${scheme}-${width}`);
      await ask(frame, "Where's my order? It's ORD-12345");
      await until(frame, "has shipped");
      await ask(frame, "Cancel it");
      await frame.getByRole("button", { name: "Yes, go ahead" }).waitFor();
      server.plan.intercept = (path) => (path.endsWith("/chat") ? { status: 422, code: "invalid_fields" } : null);
      await ask(frame, "This one is refused");
      await frame.getByRole("button", { name: "Try again" }).waitFor();
      await shoot(page, `full-${scheme}-${width}`);
      const box = await page.locator("iframe").boundingBox();
      expect(box?.width).toBe(width < 480 ? width : 380);
      const wide = await frame.evaluate(() => {
        const log = document.querySelector(".log");
        return document.body.scrollWidth > innerWidth || (log?.scrollWidth ?? 0) > (log?.clientWidth ?? 0);
      });
      expect(wide).toBe(false);
      expect(await axe(frame)).toEqual([]);
      await frame.getByRole("button", { name: "Yes, go ahead" }).click();
      await until(frame, "You chose approve.");
      await frame.getByText("You said yes.").waitFor();
      await shoot(page, `decided-${scheme}-${width}`);
      expect(await axe(page)).toEqual([]);
      expect(errors.filter((error) => !error.includes("422"))).toEqual([]);
    });
  }
}
