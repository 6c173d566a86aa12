// All text of the report reaches the page through textContent and attributes of fixed names: nothing is parsed as HTML.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const DAY = 86400000;
const STEP = 100;
const MOST_REFS = 8;
const SVG = "http://www.w3.org/2000/svg";

function made(node, properties, children) {
  for (const [name, value] of Object.entries(properties || {})) {
    if (name === "onclick") node.addEventListener("click", value);
    else if (value !== null && value !== undefined && (value !== false || name.startsWith("aria-"))) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}
const h = (name, properties, ...children) => made(document.createElement(name), properties, children);
const s = (name, properties, ...children) => made(document.createElementNS(SVG, name), properties, children);
const words = (text) => text.split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part));
const number = (value) => value.toLocaleString("en-US");
const plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
const day = (time) => (time ? time.slice(0, 10) : "");
const moment = (time) => { const found = Date.parse(time || ""); return Number.isNaN(found) ? null : found; };

// --- The keys, prepared for filters, charts and search ---

const LABELS = ["secret", "sensitive", "public"];
const CONFIDENCES = ["high", "medium", "low"];
const WHERE = ["at HEAD", "on other branches or tags", "in history only", "in the stash", "in the reflog", "not committed", "unreachable", "in files"];
const KEEPERS = { stash: "in the stash", reflog: "in the reflog", index: "not committed", worktree: "not committed", nothing: "unreachable" };
const EXPOSED = [[1, "less than a day"], [8, "1 to 7 days"], [31, "8 to 30 days"], [91, "31 to 90 days"], [366, "91 to 365 days"], [731, "1 to 2 years"], [Infinity, "over 2 years"]];
const STATUSES = ["undecided", "real", "false alarm", "accepted", "open"];

function whereIs(history) {
  if (!history) return "in files";
  if (history.in_head) return "at HEAD";
  if (history.refs.length) return "on other branches or tags";
  return KEEPERS[history.kept_by] || "in history only";
}

function placed([path, line, column, commit, member]) {
  const cut = path.lastIndexOf("/") + 1;
  return { path, folder: path.slice(0, cut), name: path.slice(cut), line, column, commit, member };
}

const end = moment(data.run.started) ?? Math.max(0, ...data.keys.map((key) => moment(key.history?.last_seen) ?? 0));
const keys = data.keys.map((key, order) => {
  const history = key.history || null;
  const places = key.places.map(placed);
  const from = moment(history?.first_seen);
  return {
    ...key, order, places, history, from, rule: data.rules[key.rule],
    provider: data.rules[key.rule].provider,
    files: [...new Set(places.map((place) => place.path))],
    to: history?.last_seen ? moment(history.last_seen) : null,
    left: history?.in_head ? Infinity : moment(history?.left_head) ?? moment(history?.last_seen),
    days: from === null ? null : history.exposed_days,
    exposed: from === null ? "" : EXPOSED.find(([most]) => history.exposed_days < most)[1],
    where: whereIs(history), status: key.accepted ? "accepted" : data.live ? "undecided" : "open", decision: null,
  };
});
const byFingerprint = new Map(keys.map((key) => [key.fingerprint, key]));
const hasHistory = keys.some((key) => key.history);
const hasBelow = keys.some((key) => key.below);
const isOpen = (key) => key.status === "open" || key.status === "undecided" || key.status === "real";
const isReported = (key) => isOpen(key) && !key.below;

const lineOf = (place) => `${place.member ? `!/${place.member}` : ""}:${place.line}`;
const shownRefs = (history) => history.refs.slice(0, MOST_REFS).map((ref) => ref.replace(/^refs\/(heads|remotes|tags)\//, ""));

// What a search looks through, each part with its name: no more than what the page shows of a key.
function fields(key) {
  key.searched ??= [
    ["rule", key.rule.name], ["rule", key.rule.id], ["provider", key.provider], ["label", key.label], ["confidence", key.confidence],
    ["key", key.secret], ["fingerprint", key.fingerprint], ["where", key.where], ["exposed", key.exposed],
    ...key.places.flatMap((place) => [["place", place.path + lineOf(place)], ["commit", place.commit]]),
    ...key.reasons.map((reason) => ["reason", reason]),
    ...(key.history ? [...key.history.authors.map((author) => ["author", author]), ...shownRefs(key.history).map((ref) => ["ref", ref]),
      ["commit", (key.history.first_commit || "").slice(0, 12)], ["commit", (key.history.last_commit || "").slice(0, 12)]] : []),
    ["accepted", key.accepted || ""], ["state", key.live?.told ?? ""],
  ].filter(([, text]) => text).map(([name, text]) => [name, text, text.toLowerCase()]);
  return key.searched;
}

// --- The filters ---

const asked = { search: "", status: "", confidence: "", label: "", provider: "", file: "", where: "", exposed: "", group: "", sort: "order", descending: false, most: STEP };
const FACETS = {
  status: { values: (key) => [key.status], usual: (key) => (data.live ? key.status === "undecided" : isOpen(key)) },
  confidence: { values: (key) => (key.below ? [key.confidence, "not reported"] : [key.confidence]), usual: (key) => !key.below },
  label: { values: (key) => [key.label] },
  provider: { values: (key) => [key.provider] },
  file: { values: (key) => key.files },
  where: { values: (key) => [key.where] },
  exposed: { values: (key) => (key.exposed ? [key.exposed] : []) },
};

function passes(facet, key) {
  const [value, { values, usual }] = [asked[facet], FACETS[facet]];
  if (value === "any") return true;
  return value ? values(key).includes(value) : !usual || usual(key);
}

const searched = () => asked.search.toLowerCase().split(/\s+/).filter(Boolean);

// Returns the keys that pass all filters; and for each filter how many keys each of its values would leave, the others as they are.
function sift() {
  const wanted = searched();
  const names = Object.keys(FACETS);
  const counts = Object.fromEntries(names.map((name) => [name, new Map([["", 0], ["any", 0]])]));
  const found = [];
  const add = (facet, value) => counts[facet].set(value, (counts[facet].get(value) || 0) + 1);
  for (const key of keys) {
    const failed = names.filter((name) => !passes(name, key));
    if (failed.length > 1 || !wanted.every((word) => fields(key).some(([, , text]) => text.includes(word)))) continue;
    if (!failed.length) found.push(key);
    for (const name of failed.length ? failed : names) {
      add(name, "any");
      if (!FACETS[name].usual || FACETS[name].usual(key)) add(name, "");
      for (const value of FACETS[name].values(key)) add(name, value);
    }
  }
  return [found, counts];
}
