/** Audits a served site: `node audit.mjs ADDRESS FOLDER [options]`. See README.md; `audit/run` does it for the demo. */

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";

import { startBrowser } from "./browser.mjs";
import { list, overview } from "./findings.mjs";
import { findPages } from "./pages.mjs";

const TOOLS = ["axe", "nu", "lighthouse"];

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: "string", default: TOOLS.join() },
      quick: { type: "boolean", default: false },
      pages: { type: "string", default: "" },
      report: { type: "string" },
    },
  });
  const tools = new Set(words(values.only).filter((tool) => !values.quick || tool !== "lighthouse"));
  const unknown = [...tools].filter((tool) => !TOOLS.includes(tool));
  if (!tools.size) throw new Error(`nothing to do: choose from ${TOOLS}`);
  if (unknown.length) throw new Error(`--only ${unknown}: choose from ${TOOLS}`);
  if (positionals.length !== 2) throw new Error("say the address of the served site and the folder it is built into");
  return { base: positionals[0], site: positionals[1], tools, paths: words(values.pages), report: values.report };
}

const words = (text) => text.split(",").filter(Boolean);

/** Each tool is loaded when it is asked for: Lighthouse alone takes a second. */
async function audit(browser, { base, site, tools, paths }) {
  const pages = await findPages(base, paths);
  const results = { findings: [], measured: new Map(), seconds: {} };
  const timed = async (name, work) => {
    if (!tools.has(name)) return;
    const start = Date.now();
    await work();
    results.seconds[name] = Math.round((Date.now() - start) / 1000);
  };
  await timed("axe", async () => {
    const { auditAccess } = await import("./accessibility.mjs");
    for (const page of pages) results.findings.push(...(await auditAccess(browser, base, page)));
  });
  await timed("nu", async () => {
    const { auditMarkup } = await import("./markup.mjs");
    const { files, findings } = await auditMarkup(browser, base, site, pages, !paths.length);
    results.files = files;
    results.findings.push(...findings);
  });
  await timed("lighthouse", async () => {
    const { auditSpeed } = await import("./speed.mjs");
    for (const page of pages.filter((page) => page.sampled)) {
      const { scores, findings } = await auditSpeed(browser, base, page);
      results.measured.set(page.name, scores);
      results.findings.push(...findings);
    }
  });
  return { pages, ...results };
}

async function main() {
  const wanted = readArguments();
  const browser = await startBrowser();
  let results;
  try {
    results = await audit(browser, wanted);
  } finally {
    await browser.close();
  }
  const { pages, findings, measured, seconds } = results;
  console.log(overview(pages, results, wanted.tools));
  if (findings.length) console.log(`\n${list(findings)}`);
  const times = Object.entries(seconds).map(([tool, time]) => `${tool} ${time} s`);
  console.log(`\nTime: ${times.join(", ")}`);
  if (wanted.report) {
    const scores = Object.fromEntries(measured);
    await writeFile(wanted.report, JSON.stringify({ pages, findings, scores, seconds }, null, 2));
  }
  return findings.some((one) => one.fails) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
