/**
 * What is audited: one page of each type in each language, found by what the site says of itself.
 *
 * @typedef {object} Page
 * @property {string} name    what it is, with its language: "landing zh"
 * @property {string} path    address without the host
 * @property {number} status  how the server must answer
 * @property {"wrongly" | "rightly"} [filled]  how the form at `path` is filled in and sent; the page is what follows
 * @property {boolean} [sampled]  whether Lighthouse measures it: one of each type, in the site's own language
 * @property {string[]} [excused]  audits of Lighthouse that it fails on purpose
 */

const [OK, NOT_FOUND, TO_MEND] = [200, 404, 422];

/**
 * @param {string[]} paths  only these; ["all"]: every page of the sitemap; none: one page of each type.
 * @returns {Promise<Page[]>}
 */
export async function findPages(base, paths) {
  const listed = await readAll(base, await listedPaths(base));
  const prefixes = await languagePrefixes(base, [...listed.keys()]);
  const pages = prefixes.flatMap((prefix, place) =>
    ofLanguage(prefix, listed).map((page) => ({ ...page, sampled: place === 0 })),
  );
  const typical = [...pages, ...unlisted(prefixes[0], pages)];
  if (!paths.length) return typical;
  return choose(typical, paths[0] === "all" ? [...listed.keys()] : paths);
}

/** Addresses are written with the public host; only their paths lead to the server that is audited. */
async function listedPaths(base) {
  const xml = await read(base, "/sitemap.xml");
  const urls = [...xml.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, url]) => url.replaceAll("&amp;", "&"));
  const paths = urls.map((url) => new URL(url).pathname);
  if (!paths.length) throw new Error("/sitemap.xml names no page: build the site first");
  return [...new Set(paths)].sort();
}

/** The first folders of addresses, such as "zh", the language of the site's front page first. */
async function languagePrefixes(base, paths) {
  const prefixes = [...new Set(paths.map((path) => path.split("/")[1]))].filter(Boolean);
  const language = (html) => html.match(/<html[^>]*\slang="([^"]+)"/)?.[1];
  const homes = await readAll(base, ["/", ...prefixes.map((prefix) => `/${prefix}/`)]);
  const isFirst = (prefix) => language(homes.get(`/${prefix}/`)) === language(homes.get("/"));
  return prefixes.sort((a, b) => isFirst(b) - isFirst(a));
}

/** The address of the privacy notice is the site's own in every workspace, see contentops/assets/slugs.py. */
const PRIVACY = "privacy";

/** The longest page of a type stands for all of its type: it has the most in it that can be wrong. */
function ofLanguage(prefix, listed) {
  const [home, privacy] = [`/${prefix}/`, `/${prefix}/${PRIVACY}/`];
  const texts = [...listed].filter(([path]) => path.startsWith(home) && path !== home && path !== privacy);
  const longest = (isWanted) =>
    texts.filter(([, html]) => isWanted(html)).sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
  const hasForm = (html) => html.includes("<form");
  return [
    { name: `home ${prefix}`, path: home },
    { name: `landing ${prefix}`, path: longest(hasForm) },
    { name: `article ${prefix}`, path: longest((html) => !hasForm(html)) },
    { name: `privacy ${prefix}`, path: privacy },
  ]
    .filter((page) => page.path)
    .map((page) => ({ ...page, status: OK }));
}

/** Pages that no sitemap has. Forms are sent in one language only: the server takes ten a minute. */
function unlisted(prefix, pages) {
  const landing = pages.find((page) => page.name === `landing ${prefix}`)?.path;
  const excused = ["is-crawlable"];
  const afterForm = landing && [
    { name: `thanks ${prefix}`, path: `${landing}thanks/`, status: OK, sampled: true, excused },
    { name: `handover ${prefix}`, path: landing, status: OK, filled: "rightly" },
    { name: `form again ${prefix}`, path: landing, status: TO_MEND, filled: "wrongly" },
  ];
  return [
    ...(afterForm ?? []),
    {
      name: `not found ${prefix}`,
      path: `/${prefix}/this-page-does-not-exist/`,
      status: NOT_FOUND,
      sampled: true,
      excused: [...excused, "http-status-code", "errors-in-console"], // the console notes the answer's 404
    },
  ];
}

/** Of the typical pages those with the wanted paths; a path that is none of theirs becomes a page of its own. */
function choose(pages, paths) {
  const known = pages.filter((page) => paths.includes(page.path));
  const others = paths.filter((path) => !known.some((page) => page.path === path));
  const asked = others.map((path) => ({ name: path, path, status: OK }));
  return [...known, ...asked].map((page) => ({ ...page, sampled: !page.filled }));
}

async function readAll(base, paths) {
  return new Map(await Promise.all(paths.map(async (path) => [path, await read(base, path)])));
}

async function read(base, path) {
  const answer = await fetch(new URL(path, base));
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.text();
}
