/** axe at every width in light and dark, and what a visitor's browser notices by itself. */

import axe from "axe-core";

import { SCHEMES, WIDTHS, show, visit } from "./browser.mjs";

const OPTIONS = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  rules: { "target-size": { enabled: true } }, // WCAG 2.2 AA, and off unless asked for
  resultTypes: ["violations", "incomplete"],
};

/**
 * @param {import("./pages.mjs").Page} page
 * @returns {Promise<import("./findings.mjs").Finding[]>} what is wrong with one page.
 */
export async function auditAccess(browser, base, page) {
  const asVisitor = await visit(browser, base, page, {}, (tab) => inEachView(tab, sticksOut));
  const withAxe = await visit(browser, base, page, { bypassPolicy: true }, async (tab) => {
    await tab.evaluate(axe.source);
    return inEachView(tab, runAxe);
  });
  const found = [...asVisitor.noise, ...asVisitor.seen, ...withAxe.seen];
  return found.map((one) => ({ fails: true, ...one, page: page.name, path: page.path }));
}

async function inEachView(tab, look) {
  const found = [];
  for (const width of WIDTHS) {
    for (const scheme of SCHEMES) {
      await show(tab, width, scheme);
      found.push(...(await look(tab)).map((one) => ({ ...one, views: [`${width} ${scheme}`] })));
    }
  }
  return found;
}

/** A page that scrolls sideways; with what makes it do so, but for what a scrolling box around it holds. */
async function sticksOut(tab) {
  const culprits = await tab.evaluate(() => {
    const page = document.documentElement;
    if (page.scrollWidth <= innerWidth) return null;
    const isHeld = (one) =>
      one !== page && (getComputedStyle(one).overflowX !== "visible" || isHeld(one.parentElement));
    return [...document.body.querySelectorAll("*")]
      .filter((one) => one.getBoundingClientRect().right > innerWidth && !isHeld(one.parentElement))
      .map((one) => [one.localName, ...one.classList].join("."));
  });
  if (!culprits) return [];
  const place = [...new Set(culprits)].join(", ");
  return [{ tool: "browser", rule: "sticks out", text: "the page scrolls sideways", place }];
}

/** Violations fail. What axe could not decide is told too, for a person to look at. */
async function runAxe(tab) {
  const { violations, incomplete } = await tab.evaluate((options) => globalThis.axe.run(options), OPTIONS);
  return [...violations.flatMap((rule) => tell(rule, true)), ...incomplete.flatMap((rule) => tell(rule, false))];
}

function tell(rule, fails) {
  return rule.nodes.map(({ target, any, all, none }) => {
    const [why] = [...any, ...all, ...none].map((check) => check.message);
    const text = why ? `${rule.help}: ${why}` : rule.help;
    return { tool: "axe", rule: rule.id, text, place: target.flat().join(" "), fails };
  });
}
