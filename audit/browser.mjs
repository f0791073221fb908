/** Debian's Chromium, and pages opened in it as a visitor opens them. */

import puppeteer from "puppeteer-core";

/** Every page is looked at in each of these. */
export const WIDTHS = [360, 768, 1280];
export const SCHEMES = ["light", "dark"];

/** What puppeteer does not set already: nothing is fetched for the browser itself, nothing needs a graphics card. */
const FLAGS = ["--disable-gpu", "--disable-component-update"];

export function startBrowser() {
  const asRoot = process.getuid?.() === 0; // Chromium's sandbox does not work as root
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: asRoot ? [...FLAGS, "--no-sandbox"] : FLAGS,
  });
}

/**
 * Opens a page in a profile of its own and lets `look` look at it.
 *
 * @param {import("./pages.mjs").Page} page
 * @param {{bypassPolicy?: boolean}} options  bypassPolicy: let scripts in that the site's own policy forbids.
 * @param {(tab, answer: string) => Promise<T>} look  gets the tab and the HTML as it was sent.
 * @returns {Promise<{seen: T, noise: object[]}>} noise: findings of what the visitor's browser noticed itself.
 * @template T
 */
export async function visit(browser, base, page, { bypassPolicy = false }, look) {
  const profile = await browser.createBrowserContext();
  try {
    const tab = await profile.newPage();
    await tab.setBypassCSP(bypassPolicy);
    await show(tab, WIDTHS[0], SCHEMES[0]);
    const noise = listen(tab, new URL(base).host, page);
    let answer = await tab.goto(new URL(page.path, base).href, { waitUntil: "load" });
    if (page.filled) answer = await send(tab, page.filled);
    if (answer.status() !== page.status) noise.push(noticed("status", `${answer.status()}, not ${page.status}`));
    const seen = await look(tab, await answer.text());
    return { seen, noise };
  } catch (error) {
    throw new Error(`${page.name}, ${page.path}: ${error.message}`, { cause: error });
  } finally {
    await profile.close();
  }
}

/** Turns a tab to a width and a colour scheme. Nothing moves, so that no colour is read half-way. */
export async function show(tab, width, scheme) {
  await tab.setViewport({ width, height: 800 });
  await tab.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: scheme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  await tab.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

const noticed = (rule, text, place = "") => ({ tool: "browser", rule, text, place });

/** Collects errors of the console, the policy's among them, and requests that leave the site. */
function listen(tab, host, page) {
  const noise = [];
  tab.on("console", (message) => {
    // The browser notes every answer of 400 and more; of the page itself it is the wanted one.
    const isWanted = message.text().includes(`status of ${page.status} `) && message.location().url === tab.url();
    if (message.type() === "error" && !isWanted) noise.push(noticed("console", message.text(), message.location().url));
  });
  tab.on("pageerror", (error) => noise.push(noticed("console", error.message)));
  tab.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.host !== host) noise.push(noticed("other host", request.url()));
  });
  return noise;
}

/** Fills in the first form, so that it is right or with nothing but an address that is none, and sends it. */
async function send(tab, manner) {
  const values = {
    rightly: { email: "lin.shili@example.cn", tel: "", text: "林示例", box: true },
    wrongly: { email: "不是邮箱", tel: "12", text: "", box: false },
  }[manner];
  const answered = tab.waitForNavigation({ waitUntil: "load" });
  await tab.evaluate((values) => {
    const form = document.querySelector("form");
    for (const field of form.elements) {
      const isTrap = field.tabIndex < 0; // for machines: no person gets there
      if (isTrap || ["hidden", "submit", "button", "fieldset"].includes(field.type)) continue;
      if (["checkbox", "radio"].includes(field.type)) field.checked = values.box;
      else if (field.tagName === "SELECT") field.selectedIndex = values.box ? field.options.length - 1 : 0;
      else field.value = values[field.type] ?? values.text;
    }
    HTMLFormElement.prototype.submit.call(form); // asks the server, not the browser, what is wrong
  }, values);
  return answered;
}
