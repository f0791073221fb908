/**
 * What the audits found, told to a person: a table of pages, then each finding once with all the places it is at.
 *
 * @typedef {object} Finding
 * @property {"axe" | "browser" | "nu" | "lighthouse"} tool
 * @property {boolean} fails   false: told, but for a person to judge
 * @property {string} rule     what is measured
 * @property {string} text     what is wrong
 * @property {string} place    selector, or extract of the HTML
 * @property {string} page     name of the page, or file and line
 * @property {string[]} [views]  widths and colour schemes, or devices
 */

/** Lowest scores that pass, of 100. */
export const THRESHOLDS = { performance: 95, accessibility: 100, "best-practices": 95, seo: 100 };

/**
 * @param {import("./pages.mjs").Page[]} pages
 * @param {{findings: Finding[], files?: number, measured: Map<string, Record<string, object>>}} results
 * @param {Set<string>} tools  what was run.
 */
export function overview(pages, { findings, files, measured }, tools) {
  const count = (tool, page) => tally(findings.filter((one) => one.tool === tool && one.page === page.name));
  const scores = (page, device) => Object.values(measured.get(page.name)?.[device] ?? {}).join(" ") || "–";
  const columns = [
    ["page", (page) => page.name],
    ["path", (page) => page.path + (page.filled ? ` (${page.filled} filled in)` : "")],
    ...(tools.has("axe") ? ["axe", "browser"].map((tool) => [tool, (page) => count(tool, page)]) : []),
    ...(measured.size ? ["mobile", "desktop"].map((device) => [device, (page) => scores(page, device)]) : []),
  ];
  const rows = pages.filter((page) => tools.has("axe") || measured.has(page.name));
  const lines = rows.length ? [table(columns, rows)] : [];
  if (measured.size) lines.push(`mobile, desktop: Lighthouse's ${Object.keys(THRESHOLDS).join(", ")}`);
  if (tools.has("nu"))
    lines.push(`Nu HTML checker: ${files} files, ${tally(findings.filter((one) => one.tool === "nu"))}`);
  return lines.join("\n");
}

/** "2 (+3)": two things fail, three are to be looked at. */
function tally(findings) {
  const different = grouped(findings, ({ fails, rule, text, place }) => [fails, rule, text, place]);
  const failing = different.filter(([one]) => one.fails).length;
  const doubtful = different.length - failing;
  return doubtful ? `${failing} (+${doubtful})` : `${failing}`;
}

/** Returns a table as text, its columns as wide as their widest cell. */
function table(columns, rows) {
  const lines = [columns.map(([head]) => head), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at].length)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Returns findings as text, those that fail first. */
export function list(findings) {
  const groups = grouped(findings, ({ fails, tool, rule, text }) => [fails, tool, rule, text]);
  return groups
    .sort(([a], [b]) => b.fails - a.fails)
    .map(tell)
    .join("\n");
}

/** Says a thing once, with a line for each set of pages: the places that are wrong on just these. */
function tell(group) {
  const [{ fails, tool, rule, text }] = group;
  const places = grouped(group, ({ place }) => place).map((same) => ({
    place: same[0].place,
    where: whereabouts(same),
  }));
  const lines = grouped(places, ({ where }) => where).map((same) => {
    const at = few(same.map(({ place }) => place).filter(Boolean), "; ");
    return `         ${at ? `${at}  ` : ""}on ${same[0].where}`;
  });
  return [`${fails ? "FAILS" : "look "}  ${tool}, ${rule}: ${text.slice(0, 300)}`, ...lines].join("\n");
}

function whereabouts(findings) {
  const pages = [...new Set(findings.map((one) => one.page))];
  const views = [...new Set(findings.flatMap((one) => one.views ?? []))];
  return few(pages, ", ") + (views.length ? ` (${views.join(", ")})` : "");
}

const few = (texts, between) =>
  texts.slice(0, 6).join(between) + (texts.length > 6 ? ` and ${texts.length - 6} more` : "");

/** Returns lists of the items that have the same key, in the order in which the keys came. */
function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = JSON.stringify(keyOf(item));
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()];
}
