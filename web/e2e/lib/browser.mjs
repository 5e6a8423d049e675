// A browser whose pages report everything that goes wrong in them.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = new URL("../../../target/e2e/screenshots/", import.meta.url).pathname;
const WAIT_MS = 15_000;

export async function launch() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  assert(existsSync(executablePath), `There is no ${executablePath}. Install Chromium, or name another in CHROMIUM.`);
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  return chromium.launch({ executablePath, args });
}

/** A window of its own: no cookies, no storage of others. */
export async function openContext(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(WAIT_MS);
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return context;
}

/** A page, with the list of what went wrong in it: console, policy, requests, exceptions. */
export async function openPage(context) {
  const page = await context.newPage();
  const faults = [];
  const warnings = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()} ${message.location().url}`);
    if (message.type() === "warning") warnings.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(`exception: ${error.stack ?? error}`));
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    // What a page still asks for when it is left is called off by the browser.
    if (!why.includes("ERR_ABORTED")) faults.push(`request: ${request.method()} ${request.url()} ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`answer: ${response.status()} ${response.request().method()} ${response.url()}`);
  });
  return { page, faults, warnings };
}

/** Serious and critical findings of axe, in words; `rules` narrows what is looked for. */
export async function axe(where, rules = null) {
  if (!(await where.evaluate(() => "axe" in window))) await where.evaluate(AXE);
  return where.evaluate(async (rules) => {
    const only = rules ? { runOnly: { type: "rule", values: rules } } : {};
    const { violations } = await window.axe.run(document, { ...only, resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 300)} ${failureSummary}`));
  }, rules);
}

/** Until the page has what it shows: a heading, nothing that stands for something still to come. */
export async function settle(page) {
  await page.locator("h1").first().waitFor();
  await page.waitForFunction(() =>
    [...document.querySelectorAll('[aria-busy="true"], [class*="mantine-Skeleton"], [class*="mantine-Loader"]')].every(
      (element) => !element.checkVisibility(),
    ),
  );
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 3; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}

/** Elements that stick out of the window at its right, which makes a page scroll sideways. */
export async function overflow(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .slice(0, 5)
      .map((element) => `${element.tagName} ${element.className} ${element.textContent.slice(0, 60)}`);
  });
}

export async function shoot(page, name) {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}${name}.png`, fullPage: true, animations: "disabled" });
}

/** Signs in through the form, as people do. */
export async function signIn(page, url, { email, password }) {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}
