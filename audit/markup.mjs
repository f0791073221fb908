/** The Nu HTML checker over every HTML file of the site, and over the answers that are no file. */

import { execFile } from "node:child_process";
import { mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import jar from "vnu-jar";

import { visit } from "./browser.mjs";

/**
 * Messages that are wrong about today's HTML and CSS. Keep this short, each with its reason.
 *
 * @type {{message: RegExp, reason: string}[]}
 */
const WRONG_MESSAGES = [];

/**
 * @param {string} site  folder of the built site.
 * @param {import("./pages.mjs").Page[]} pages
 * @param {boolean} isWhole  false: only the files of `pages`.
 * @returns {Promise<{files: number, findings: import("./findings.mjs").Finding[]}>}
 */
export async function auditMarkup(browser, base, site, pages, isWhole) {
  const folder = await realpath(site); // the site is a link to its newest release
  const answers = await mkdtemp(join(tmpdir(), "audit-answers-"));
  try {
    const names = new Map((await htmlFiles(folder)).map((file) => [join(folder, file), `/${file}`]));
    const wanted = new Set(pages.map((page) => `${page.path}index.html`));
    if (!isWhole) for (const [file, name] of names) if (!wanted.has(name)) names.delete(file);
    for (const page of pages) if (page.filled) names.set(await keep(browser, base, page, answers), page.name);
    return { files: names.size, findings: await check(names) };
  } finally {
    await rm(answers, { recursive: true });
  }
}

async function htmlFiles(folder) {
  const entries = await readdir(folder, { recursive: true });
  return entries.filter((entry) => entry.endsWith(".html")).sort();
}

/** Stores the HTML that follows a form as the server sent it. */
async function keep(browser, base, page, folder) {
  const { seen } = await visit(browser, base, page, {}, (_tab, answer) => answer);
  const file = join(folder, `${page.name.replaceAll(" ", "-")}.html`);
  await writeFile(file, seen);
  return file;
}

async function check(names) {
  if (!names.size) return [];
  const command = ["-jar", `${jar}`, "--format", "json", "--stdout", "--exit-zero-always", ...names.keys()];
  const { stdout } = await promisify(execFile)("java", command, { maxBuffer: 1e9 });
  return JSON.parse(stdout)
    .messages.filter(({ message }) => !WRONG_MESSAGES.some((wrong) => wrong.message.test(message)))
    .map((told) => ({
      tool: "nu",
      fails: told.type !== "info",
      rule: told.type === "info" ? (told.subType ?? "info") : "error",
      text: told.message,
      place: (told.extract ?? "").replace(/\s+/g, " ").trim(),
      page: whereabouts(told, names),
    }));
}

/** A file and line; a fault of the checker itself has neither. */
function whereabouts({ url, lastLine }, names) {
  return url ? `${names.get(fileURLToPath(url)) ?? url}:${lastLine ?? 1}` : "the checker";
}
