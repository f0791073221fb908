/** Lighthouse, as a phone and as a desktop computer, for one page of each type. */

import lighthouse, { desktopConfig } from "lighthouse";

import { THRESHOLDS } from "./findings.mjs";

/** Only speed depends on what else the machine is doing: a slow page is measured again, and its best run counts. */
const TRIES = 3;
const PRESETS = { mobile: undefined, desktop: desktopConfig };

/**
 * @param {import("./pages.mjs").Page} page
 * @returns {Promise<{scores: Record<string, Record<string, number>>, findings: import("./findings.mjs").Finding[]}>}
 *   scores: device → category → 0 to 100.
 */
export async function auditSpeed(browser, base, page) {
  const results = { scores: {}, findings: [] };
  for (const device of Object.keys(PRESETS)) {
    let report = await measure(browser, base, page, device);
    for (let tries = 1; tries < TRIES && scores(report).performance < THRESHOLDS.performance; tries++) {
      const again = await measure(browser, base, page, device);
      if (scores(again).performance > scores(report).performance) report = again;
    }
    results.scores[device] = scores(report);
    results.findings.push(...shortfalls(report, page, device));
  }
  return results;
}

async function measure(browser, base, page, device) {
  const flags = {
    port: Number(new URL(browser.wsEndpoint()).port),
    logLevel: "silent",
    onlyCategories: Object.keys(THRESHOLDS),
    skipAudits: page.excused ?? null,
    ignoreStatusCode: true, // a page that says "not found" is a page
    disableFullPageScreenshot: true,
  };
  const { lhr } = await lighthouse(new URL(page.path, base).href, flags, PRESETS[device]);
  if (lhr.runtimeError) throw new Error(`${page.name}, ${page.path}: Lighthouse says ${lhr.runtimeError.message}`);
  return lhr;
}

function scores(report) {
  return Object.fromEntries(
    Object.keys(THRESHOLDS).map((name) => [name, Math.round((report.categories[name].score ?? 0) * 100)]),
  );
}

/** Names the audits that cost points: all where the category is below its threshold, else those that cost many. */
function shortfalls(report, page, device) {
  return Object.entries(scores(report)).flatMap(([name, score]) => {
    const fails = score < THRESHOLDS[name];
    const counted = report.categories[name].auditRefs.filter(({ weight }) => weight > 0);
    return counted
      .map(({ id }) => report.audits[id])
      .filter((audit) => (audit.score ?? 0) < (fails ? 1 : 0.9)) // without a score: it broke, and so did its category
      .map((audit) => ({
        tool: "lighthouse",
        fails,
        rule: name,
        text: sentence(audit),
        place: places(audit.details),
        page: page.name,
        path: page.path,
        views: [device],
      }));
  });
}

const sentence = ({ title, explanation, errorMessage, displayValue }) =>
  [title, explanation ?? errorMessage ?? displayValue].filter(Boolean).join(": ");

function places(details) {
  const found = (details?.items ?? []).map(
    (item) => item.node?.selector ?? item.url ?? item.description ?? item.source,
  );
  return [...new Set(found.filter((one) => typeof one === "string"))].slice(0, 3).join(", ");
}
