// --- The list of keys ---

const opened = new Set();
const closed = new Set();
let found = keys;
let lines = [];

const ORDERS = [
  ["order", "gravest first", (key) => key.order],
  ["name", "by rule", (key) => key.rule.name.toLowerCase()],
  ["provider", "by provider or kind", (key) => key.provider.toLowerCase()],
  ["place", "by place", (key) => key.places[0]?.path ?? ""],
  ...(hasHistory ? [["newest", "newest first", (key) => key.from ?? -Infinity, true], ["days", "longest exposed", (key) => key.days ?? -1, true]] : []),
];
const order = Object.fromEntries(ORDERS.map(([id, , value]) => [id, value]));
// A first click on these shows the latest and the longest first.
const downwards = new Set(ORDERS.filter(([, , , down]) => down).map(([id]) => id));
const COLUMNS = [["Key", "name"], ["Label", "order"], ["Provider or kind", "provider"], ["Place", "place"], ...(hasHistory ? [["Introduced", "newest"], ["Exposed", "days"], ["Lifetime", ""]] : [])];

const GROUPS = {
  file: (key) => (asked.file ? [asked.file] : key.files.length ? key.files : ["no file"]),
  provider: (key) => [key.provider],
  rule: (key) => [key.rule.name],
};

function sorted(some) {
  const value = order[asked.sort];
  const sign = asked.descending ? -1 : 1;
  return some.sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    return (a < b ? -sign : a > b ? sign : 0) || one.order - other.order;
  });
}

// Returns what stands below each other: keys, and above those of a group its head. A key in several files stands in each.
function arranged() {
  if (!asked.group) return found.map((key) => ({ key, group: "" }));
  const groups = new Map();
  for (const key of found) {
    for (const name of GROUPS[asked.group](key)) {
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(key);
    }
  }
  return [...groups].flatMap(([name, members]) => [{ head: name, members }, ...(closed.has(name) ? [] : members.map((key) => ({ key, group: name })))]);
}

// --- Text in which the words of a search are marked ---

function marked(text) {
  const low = text.toLowerCase();
  const wanted = searched();
  if (!wanted.length || low.length !== text.length) return [text];
  const spans = wanted.flatMap((word) => { const at = low.indexOf(word); return at < 0 ? [] : [[at, at + word.length]]; }).sort((a, b) => a[0] - b[0]);
  const parts = [];
  let done = 0;
  for (const [start, stop] of spans) {
    if (start < done) continue;
    parts.push(text.slice(done, start), h("mark", {}, text.slice(start, stop)));
    done = stop;
  }
  return [...parts, text.slice(done)];
}

// Returns where a search matched, for the words that a closed row does not show.
function matches(key) {
  const seen = [key.rule.name, key.provider, key.label, key.confidence, key.places[0] ? key.places[0].path + lineOf(key.places[0]) : ""].join("\n").toLowerCase();
  const wanted = searched().filter((word) => !seen.includes(word));
  const parts = new Map();
  for (const word of wanted) {
    const hit = fields(key).find(([, , text]) => text.includes(word));
    if (hit) parts.set(hit[1], hit);
  }
  return [...parts.values()].map(([name, text]) => h("span", { class: "hit" }, `${name}: `, marked(text.length > 120 ? around(text) : text)));
}

function around(text) {
  const at = Math.min(...searched().map((word) => text.toLowerCase().indexOf(word)).filter((found) => found >= 0));
  const start = Math.max(0, at - 40);
  return `${start ? "\u2026" : ""}${text.slice(start, start + 110)}\u2026`;
}

// --- A row ---

function life(key, wide) {
  if (key.from === null) return "";
  const width = wide ? 1000 : 96, middle = wide ? 14 : 10, edge = 4;
  const x = (time) => edge + (width - 2 * edge) * Math.min(1, Math.max(0, (time - range[0]) / (range[1] - range[0])));
  const [a, b] = [x(key.from), Math.max(x(key.to ?? end), x(key.from) + 0.01)];
  const last = key.to === null ? "now" : day(key.history.last_seen);
  const told = `${day(key.history.first_seen)} to ${last}, exposed for ${plural(key.days, "day")}`;
  const drawn = s("svg", { class: "life", role: "img", "aria-label": told, viewBox: `0 0 ${width} ${wide ? 52 : 20}` }, s("title", {}, told),
    s("line", { class: "track", x1: edge, x2: width - edge, y1: middle, y2: middle }),
    s("line", { class: `span ${key.label}${key.to === null ? "" : " past"}`, x1: a, x2: b, y1: middle, y2: middle }));
  if (!wide) return drawn;
  const text = (at, anchor, said) => s("text", { x: at, y: 42, "text-anchor": anchor }, said);
  if (b - a < 260) drawn.append(text(Math.min(Math.max(a, 150), width - 150), "middle", `${day(key.history.first_seen)} \u2192 ${last}`));
  else drawn.append(text(a, "start", `introduced ${day(key.history.first_seen)}`), text(b, "end", key.to === null ? "not removed yet" : `removed ${last}`));
  return drawn;
}

const starts = keys.map((key) => key.from).filter((time) => time !== null);
const range = [starts.reduce((least, time) => Math.min(least, time), end), end];
if (range[0] === range[1]) range[0] -= DAY;

// The name of a file is one word: it stands in one line, and where it is too long, it is cut, not broken.
function place(one) {
  return h("span", { class: "path", title: `${one.path}${lineOf(one)}:${one.column}` }, h("span", { class: "folder" }, marked(one.folder)), h("span", { class: "file" }, h("b", {}, marked(one.name)), h("span", {}, marked(lineOf(one)))));
}

// The commit at HEAD, which the first place of each key there has.
const headCommit = [...keys.filter((key) => key.history?.in_head).reduce((counts, { places: [one] }) => counts.set(one?.commit, (counts.get(one?.commit) || 0) + 1), new Map())].sort((a, b) => b[1] - a[1])[0]?.[0];
const inCommit = (one, more = "", brief = false) => {
  const commit = !one.commit || (brief && one.commit === headCommit) ? "" : one.commit === headCommit ? "at HEAD" : ["in commit ", h("code", {}, marked(one.commit))];
  return commit || more ? h("span", { class: "sub" }, commit, commit && more ? ", " : "", more) : "";
};

function badges(key) {
  const told = key.decision ? `${key.status}${key.decision.until ? ` until ${key.decision.until}` : ""}` : key.status === "accepted" ? "accepted" : key.baseline === "unchanged" ? "known" : "";
  const live = key.live ? h("span", { class: `sub state ${key.live.state}` }, key.live.state) : "";
  return [h("span", { class: `pill ${key.label}` }, key.label), live, h("span", { class: "sub" }, `${key.confidence}${key.below ? ", not reported" : ""}`), told ? h("span", { class: `sub state ${key.status.replace(" ", "-")}` }, told) : ""];
}

function shownPlace(key, group) {
  return (asked.group === "file" && key.places.find((one) => one.path === group)) || key.places.find((one) => one.path === asked.file) || key.places[0];
}

function row({ key, group }, at) {
  const open = opened.has(key.order);
  const one = shownPlace(key, group);
  const toggle = h("button", { type: "button", class: "toggle", "aria-expanded": open, "aria-controls": `d${at}` }, h("span", {}, marked(key.rule.name)));
  const cells = [
    h("td", { class: "what" }, toggle, key.secret ? h("code", { class: "mask" }, key.secret) : ""),
    h("td", { class: "word" }, badges(key)),
    h("td", { class: "who" }, marked(key.provider)),
    h("td", { class: "place" }, one ? place(one) : "\u2013", one ? inCommit(one, key.count > 1 ? `and ${plural(key.count - 1, "more place")}` : "", true) : "", matches(key)),
  ];
  if (hasHistory) cells.push(
    h("td", { class: "date" }, day(key.history?.first_seen) || "\u2013", key.history ? h("span", { class: "sub" }, key.where) : ""),
    h("td", { class: "number" }, key.days === null ? "\u2013" : `${number(key.days)} d`),
    h("td", { class: "line" }, life(key, false)));
  for (const cell of cells) cell.setAttribute("role", "cell");
  const line = h("tr", { class: isOpen(key) ? "key" : "key done", role: "row", "data-order": key.order, "data-at": at }, cells);
  return open ? [line, detail(key, at)] : [line];
}

function head({ head: name, members }) {
  const by = LABELS.map((label) => [label, members.filter((key) => key.label === label).length]).filter(([, count]) => count);
  return h("tr", { class: "group", role: "row", "data-group": name }, h("th", { colspan: COLUMNS.length, role: "rowheader", scope: "rowgroup" }, h("div", {},
    h("button", { type: "button", class: "toggle", "aria-expanded": !closed.has(name) }, h("span", {}, marked(name))),
    h("span", { class: "quiet" }, plural(members.length, "key"), ": ", by.map(([label, count], index) => [index ? ", " : "", h("span", { class: `ink ${label}` }, `${number(count)} ${label}`)])),
    data.live ? h("button", { type: "button", class: "link", "data-decide": "group" }, members.length === 1 ? "Decide\u2026" : `Decide on all ${number(members.length)}\u2026`) : "")));
}

// --- A row, opened ---

function allPlaces(key) {
  const list = h("ul", {}, key.places.slice(0, 12).map((one) => h("li", {}, place(one), inCommit(one))));
  if (key.places.length > 12) {
    const more = h("button", { type: "button", class: "link" }, `Show ${number(key.places.length - 12)} more`);
    more.addEventListener("click", () => { more.remove(); list.append(...key.places.slice(12).map((one) => h("li", {}, place(one), inCommit(one)))); });
    list.append(h("li", {}, more));
  }
  if (key.count > key.places.length) list.append(h("li", { class: "quiet" }, `and ${plural(key.count - key.places.length, "more place")}: --all lists them`));
  return list;
}

function past(history) {
  const commit = (id, time) => id || time ? h("span", {}, id ? h("code", {}, marked(id.slice(0, 12))) : "", ` ${day(time)}`) : "";
  const refs = shownRefs(history);
  const more = (history.ref_count ?? history.refs.length) - refs.length;
  return [
    ["Introduced", commit(history.first_commit, history.first_seen)], [history.authors.length === 1 ? "Author" : "Authors", marked(history.authors.join(", "))],
    ["Removed", commit(history.last_commit, history.last_seen)], ["At HEAD", history.in_head ? "yes" : history.left_head ? `until ${day(history.left_head)}` : "no"],
    ["Held by", refs.length ? [refs.map((ref, index) => [index ? ", " : "", h("span", { class: "ref" }, marked(ref))]), more > 0 ? ` and ${number(more)} more` : ""] : history.kept_by],
    ["Exposed", plural(history.exposed_days, "day")], ["Copies", number(history.copies)]];
}

function holders(key) {
  const told = ({ name, teams, history: there }) => [marked(name), teams ? h("span", { class: "quiet" }, ` (${teams.join(", ")})`) : "",
    there ? h("span", { class: "sub" }, `${day(there.first_seen) || "\u2013"} to ${there.last_seen ? day(there.last_seen) : "now"}, ${there.in_head ? "at HEAD" : "not at HEAD"}`) : ""];
  return h("ul", {}, key.repositories.map((one) => h("li", {}, told(one))));
}

function decided(key) {
  const { decision } = key;
  if (!decision) return key.accepted || "";
  return [key.status, decision.until && `until ${decision.until}`, decision.why, decision.who && `by ${decision.who}`, decision.since && `since ${decision.since}`].filter(Boolean).join("; ");
}

function detail(key, at) {
  const { history, rule } = key;
  const part = (title, ...content) => h("div", {}, h("h3", {}, title), ...content);
  const pairs = (entries) => h("dl", {}, entries.filter(([, value]) => value && value.length !== 0).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  const link = (url) => (/^https?:\/\//.test(url) ? h("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, url) : url);
  const left = h("div", {},
    data.live ? part("Decide", h("p", { class: "choices" }, h("button", { type: "button", "data-decide": "real" }, "Real\u2026"), h("button", { type: "button", "data-decide": "false alarm" }, "False alarm\u2026"), h("button", { type: "button", "data-decide": "accepted" }, "Accept until\u2026"))) : "",
    key.steps.length ? part("What to do next", h("ol", { class: "steps" }, key.steps.map((step) => h("li", {}, words(step))))) : "",
    rule.why ? part("Why it matters", h("p", {}, rule.why)) : "",
    rule.references.length ? part("References", h("ul", {}, rule.references.map((url) => h("li", {}, link(url))))) : "");
  const right = h("div", {},
    part(`Places (${number(key.count)})`, allPlaces(key)),
    key.repositories ? part(`Repositories (${number(key.repositories.length)})`, holders(key)) : "",
    history ? part("History", pairs(past(history))) : "",
    part("Evidence", pairs([["State", marked(key.live?.told ?? "")], ["Confidence", key.confidence], ["Reasons", marked(key.reasons.join("; "))], ["Rule", h("code", {}, marked(rule.id))],
      ["Fingerprint", h("code", {}, marked(key.fingerprint))], [key.decision ? "Decided" : "Accepted", decided(key)], ["Link", h("a", { href: `#key=${key.fingerprint}`, class: "permalink" }, "to this key")]])));
  const line = key.from === null ? "" : h("div", { class: "wide" }, h("h3", {}, "Timeline"), life(key, true));
  return h("tr", { class: "detail", role: "row", id: `d${at}`, "data-order": key.order }, h("td", { colspan: COLUMNS.length, role: "cell" }, h("div", { class: "panel" }, line, left, right)));
}
