"use strict";
// All text of the report reaches the page through textContent and attributes of fixed names: nothing is parsed as HTML.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const WHERE = ["HEAD", "other refs", "history only", "files"];
const LABELS = ["secret", "sensitive", "public"];
const DAY = 86400000;
const STEP = 100;
const SVG = "http://www.w3.org/2000/svg";

function made(node, properties, children) {
  for (const [name, value] of Object.entries(properties || {})) {
    if (name === "onclick") node.addEventListener("click", value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
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

// --- The data, prepared for searching and sorting ---

const end = moment(data.run.started) ?? Math.max(0, ...data.keys.map((key) => moment(key.history?.last_seen) ?? 0));
const AGES = [[30, "under a month"], [90, "1 to 3 months"], [365, "3 to 12 months"], [730, "1 to 2 years"], [Infinity, "over 2 years"]];
const keys = data.keys.map((key, order) => {
  const rule = data.rules[key.rule];
  const history = key.history || null;
  const from = moment(history?.first_seen);
  const to = history?.last_seen ? moment(history.last_seen) : null;
  const days = from === null ? null : Math.max(0, Math.floor((end - from) / DAY));
  const where = !history ? "files" : history.in_head ? "HEAD" : history.refs.length ? "other refs" : "history only";
  const text = [rule.name, rule.id, rule.provider, key.label, key.confidence, key.secret, key.fingerprint, where,
    ...key.places, ...key.reasons, ...(history ? [...history.authors, ...history.refs, history.first_commit, history.last_commit] : [])];
  return { ...key, rule, history, order, from, to, days, where, age: days === null ? "" : AGES.find(([most]) => days < most)[1],
    text: text.join("\n").toLowerCase() };
});
const open = keys.filter((key) => !key.accepted);
const hasHistory = keys.some((key) => key.history);
const starts = keys.map((key) => key.from).filter((time) => time !== null);
const range = [starts.reduce((least, time) => Math.min(least, time), end), end];
if (range[0] === range[1]) range[0] -= DAY;

// --- State: the filters and the order ---

const asked = { search: "", label: "", provider: "", where: "", age: "", confidence: "", sort: "order", descending: false, most: STEP };
const opened = new Set();
let found = keys;

const COLUMNS = [
  ["Key", (key) => key.rule.name.toLowerCase()],
  ["Label", (key) => key.order, "order"],
  ["Provider", (key) => key.rule.provider.toLowerCase()],
  ["Place", (key) => key.places[0] || ""],
  ...(hasHistory ? [["Introduced", (key) => key.from ?? Infinity], ["Exposed", (key) => key.history?.exposed_days ?? -1, "", true], ["Lifetime", (key) => (key.from === null ? -1 : key.to ?? Infinity), "", true]] : []),
];
// A first click shows the longest and the latest first.
const downwards = new Set(COLUMNS.filter(([, , , down]) => down).map(([name]) => name));
const sorter = Object.fromEntries(COLUMNS.map(([name, value, id]) => [id || name, value]));

function search() {
  const words = asked.search.toLowerCase().split(/\s+/).filter(Boolean);
  const value = sorter[asked.sort];
  const sign = asked.descending ? -1 : 1;
  found = keys.filter((key) => (asked.label === "suppressed" ? key.accepted : !key.accepted && (!asked.label || key.label === asked.label))
    && (!asked.provider || key.rule.provider === asked.provider) && (!asked.where || key.where === asked.where)
    && (!asked.age || key.age === asked.age) && (!asked.confidence || key.confidence === asked.confidence) && words.every((word) => key.text.includes(word)));
  found.sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    return (a < b ? -sign : a > b ? sign : 0) || one.order - other.order;
  });
  show();
}

// --- The table ---

function life(key, wide) {
  if (key.from === null) return "";
  const width = wide ? 1000 : 120, middle = wide ? 14 : 10, edge = 4;
  const x = (time) => edge + (width - 2 * edge) * Math.min(1, Math.max(0, (time - range[0]) / (range[1] - range[0])));
  const [a, b] = [x(key.from), Math.max(x(key.to ?? end), x(key.from) + 0.01)];
  const kind = key.label + (key.to === null ? "" : " past");
  const told = `${day(key.history.first_seen)} to ${key.to === null ? "now" : day(key.history.last_seen)}, exposed for ${plural(key.history.exposed_days, "day")}`;
  const drawn = s("svg", { class: "life", role: "img", "aria-label": told, viewBox: `0 0 ${width} ${wide ? 52 : 20}`, ...(wide ? { preserveAspectRatio: "xMinYMid meet" } : {}) },
    s("title", {}, told),
    s("line", { class: "track", x1: edge, x2: width - edge, y1: middle, y2: middle }),
    s("line", { class: "span " + kind, x1: a, x2: b, y1: middle, y2: middle }));
  if (wide) {
    const text = (at, anchor, words) => s("text", { x: at, y: 42, "text-anchor": anchor }, words);
    const near = b - a < 260;
    drawn.append(near ? text(Math.min(Math.max(a, 150), width - 150), "middle", `${day(key.history.first_seen)} \u2192 ${key.to === null ? "now" : day(key.history.last_seen)}`)
      : text(a, "start", `introduced ${day(key.history.first_seen)}`));
    if (!near) drawn.append(text(b, "end", key.to === null ? "not removed yet" : `removed ${day(key.history.last_seen)}`));
  }
  return drawn;
}

function row(key) {
  const open = opened.has(key.order);
  const more = key.count - 1;
  const toggle = h("button", { type: "button", class: "toggle", "aria-expanded": open, "aria-controls": `d${key.order}` }, key.rule.name);
  const cells = [
    h("td", {}, toggle, key.secret ? h("code", { class: "mask" }, key.secret) : ""),
    h("td", { class: "word" }, h("span", { class: `pill ${key.label}` }, key.label), h("span", { class: "sub" }, key.accepted ? "suppressed" : key.baseline || `${key.confidence} confidence`)),
    h("td", {}, key.rule.provider),
    h("td", { class: "place" }, h("code", {}, key.places[0] || "\u2013"), more > 0 ? h("span", { class: "sub" }, `and ${plural(more, "more place")}`) : ""),
  ];
  if (hasHistory) cells.push(
    h("td", { class: "date" }, day(key.history?.first_seen) || "\u2013", key.history ? h("span", { class: "sub" }, key.where === "HEAD" ? "still in HEAD" : key.where) : ""),
    h("td", { class: "number" }, key.from === null ? "\u2013" : `${number(key.history.exposed_days)} d`),
    h("td", {}, life(key, false)));
  const line = h("tr", { class: key.accepted ? "key accepted" : "key", "data-order": key.order }, cells);
  return open ? [line, detail(key)] : [line];
}

function detail(key) {
  const { history, rule } = key;
  const part = (title, ...content) => h("div", {}, h("h3", {}, title), ...content);
  const pairs = (entries) => h("dl", {}, entries.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  const places = h("ul", {}, key.places.map((place) => h("li", {}, h("code", {}, place))));
  if (key.count > key.places.length) places.append(h("li", { class: "quiet" }, `and ${plural(key.count - key.places.length, "more place")}, listed in the JSON report`));
  const left = h("div", {},
    key.steps.length ? part("What to do next", h("ol", { class: "steps" }, key.steps.map((step) => h("li", {}, words(step))))) : "",
    rule.why ? part("Why it matters", h("p", {}, rule.why)) : "",
    rule.references.length ? part("References", h("ul", {}, rule.references.map((url) => h("li", {}, /^https?:/.test(url) ? h("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, url) : url)))) : "");
  const commit = (id, time) => id || time ? h("span", {}, id ? h("code", {}, id.slice(0, 12)) : "", ` ${day(time)}`) : "";
  const right = h("div", {},
    part(`Places (${number(key.count)})`, places),
    history ? part("History", pairs([
      ["Introduced", commit(history.first_commit, history.first_seen)], [history.authors.length === 1 ? "Author" : "Authors", history.authors.join(", ")],
      ["Removed", commit(history.last_commit, history.last_seen)], ["In HEAD", history.in_head ? "yes" : "no"],
      ["Held by", history.refs.join(", ") + (history.ref_count > history.refs.length ? ` and ${number(history.ref_count - history.refs.length)} more` : "") || history.kept_by],
      ["Exposed", plural(history.exposed_days, "day")], ["Copies", number(history.copies)]])) : "",
    part("Evidence", pairs([["Confidence", key.confidence], ["Reasons", key.reasons.join("; ")], ["Rule", h("code", {}, rule.id)],
      ["Fingerprint", h("code", {}, key.fingerprint)], ["Suppressed", key.accepted]])));
  const line = key.from === null ? "" : h("div", { class: "wide" }, h("h3", {}, "Timeline"), life(key, true));
  return h("tr", { class: "detail", id: `d${key.order}` }, h("td", { colspan: COLUMNS.length }, h("div", { class: "panel" }, line, left, right)));
}

function show() {
  const shown = found.slice(0, asked.most);
  const body = byId("rows");
  body.replaceChildren(...shown.flatMap(row));
  if (!shown.length) body.append(h("tr", {}, h("td", { class: "none", colspan: COLUMNS.length }, open.length ? "No key matches. Clear the filters to see all keys." : "No leaked keys were found.")));
  byId("count").textContent = asked.label === "suppressed" ? plural(found.length, "suppressed key")
    : found.length === open.length ? plural(open.length, "key") : `${number(found.length)} of ${plural(open.length, "key")}`;
  const left = found.length - shown.length;
  byId("more").hidden = left <= 0;
  byId("more").textContent = `Show ${number(Math.min(left, STEP))} more (${number(left)} left)`;
  for (const cell of byId("head").children) {
    if (cell.dataset.sort === asked.sort) cell.setAttribute("aria-sort", asked.descending ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  }
  for (const bar of document.querySelectorAll(".chart g[role=button]")) bar.setAttribute("aria-pressed", asked[bar.dataset.filter] === bar.dataset.value);
  for (const name of ["label", "provider", "where", "age"]) byId(name).value = asked[name];
}

function toggle(order) {
  const line = document.querySelector(`tr.key[data-order="${order}"]`);
  const open = !opened.has(order);
  if (open) { opened.add(order); line.after(detail(keys[order])); } else { opened.delete(order); line.nextElementSibling.remove(); }
  line.querySelector(".toggle").setAttribute("aria-expanded", open);
}

// --- The charts: bars that are filters ---

function chart(title, filter, counts, kind) {
  const most = Math.max(1, ...counts.map(([, count]) => count));
  const [height, name, width] = [24, 116, 260];
  const bars = counts.map(([value, count], line) => s("g", { role: "button", tabindex: 0, "data-filter": filter, "data-value": value, "aria-pressed": false, "aria-label": `${value}: ${number(count)}` },
    s("title", {}, value),
    s("rect", { x: 0, y: line * height, width: name + width, height, fill: "transparent" }),
    s("text", { class: "name", x: 0, y: line * height + 16 }, value.length > 17 ? value.slice(0, 16) + "\u2026" : value),
    s("rect", { class: "track", x: name, y: line * height + 7, width: width - 48, height: 10, rx: 3 }),
    s("rect", { class: `fill ${kind === "label" ? value : ""}`, x: name, y: line * height + 7, width: count ? Math.max(3, (width - 48) * count / most) : 0, height: 10, rx: 3 }),
    s("text", { class: "value", x: name + width, y: line * height + 16 }, number(count))));
  return h("figure", {}, h("h2", {}, title), s("svg", { viewBox: `0 0 ${name + width} ${Math.max(1, counts.length) * height}`, role: "group", "aria-label": title }, bars));
}

const card = (...all) => h("div", { class: "chart" }, chart(...all));

function counted(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
  return counts;
}

function choose(filter, value) {
  asked[filter] = asked[filter] === value ? "" : value;
  asked.most = STEP;
  search();
}

// --- The frame of the page, once ---

function options(id, title, values) {
  byId(id).append(h("option", { value: "" }, title), ...values.map(([value, text]) => h("option", { value }, text || value)));
  byId(id).parentElement.hidden = values.length < 2;
}

function frame() {
  const labels = counted(open.map((key) => key.label));
  const total = (count, text, kind) => h("div", { class: `total ${kind || ""}` }, h("b", {}, number(count)), h("span", {}, text));
  byId("command").textContent = data.run.command;
  byId("title").textContent = open.length ? `${plural(open.length, "leaked key")} found` : "No leaked keys found";
  byId("scope").textContent = [data.run.targets.filter((target) => target !== ".").join(", "), data.run.started.replace("T", " ").replace("Z", " UTC"), `${data.run.scanned} scanned`].filter(Boolean).join(" \u00b7 ");
  document.title = `keysift: ${byId("title").textContent}`;
  for (const text of data.notices) byId("notices").append(h("p", { class: "notice" }, words(text)));
  const longest = open.reduce((most, key) => Math.max(most, key.history?.exposed_days ?? 0), 0);
  byId("totals").append(total(labels.get("secret") || 0, "secret", "secret"), total(labels.get("sensitive") || 0, "sensitive", "sensitive"),
    ...(hasHistory ? [total(open.filter((key) => key.where === "HEAD").length, "still in HEAD"), total(open.filter((key) => key.history && key.where !== "HEAD").length, "in history only"), total(longest, "longest exposure (days)")]
      : [total(open.reduce((sum, key) => sum + key.count, 0), "places")]),
    total(new Set(open.map((key) => key.rule.provider)).size, "providers"), total(keys.length - open.length, "suppressed"));
  const providers = [...counted(open.map((key) => key.rule.provider))].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const ages = counted(open.map((key) => key.age));
  const sure = counted(open.map((key) => key.confidence));
  const wheres = counted(open.map((key) => key.where));
  if (open.length) byId("charts").append(h("div", { class: "chart" }, chart("Keys by label", "label", LABELS.filter((label) => labels.get(label)).map((label) => [label, labels.get(label)]), "label"),
      hasHistory ? chart("Keys by where they are", "where", WHERE.filter((where) => wheres.get(where)).map((where) => [where, wheres.get(where)])) : ""),
    card(providers.length > 6 ? `Keys by provider (top 6 of ${number(providers.length)})` : "Keys by provider", "provider", providers.slice(0, 6)),
    ...(hasHistory ? [card("Keys by age (time since introduced)", "age", AGES.map(([, age]) => [age, ages.get(age) || 0]))]
      : [card("Keys by confidence", "confidence", ["high", "medium", "low"].map((confidence) => [confidence, sure.get(confidence) || 0]))]));
  options("label", "all", [...LABELS.filter((label) => labels.get(label)), ...(keys.some((key) => key.accepted) ? ["suppressed"] : [])].map((label) => [label]));
  options("provider", "all", providers.map(([name, count]) => [name, `${name} (${number(count)})`]).sort((a, b) => (a[0].toLowerCase() < b[0].toLowerCase() ? -1 : 1)));
  options("where", "anywhere", WHERE.filter((where) => wheres.get(where)).map((where) => [where]));
  options("age", "any", AGES.map(([, age]) => [age]).filter(([age]) => ages.get(age)));
  byId("head").append(...COLUMNS.map(([name, , id]) => h("th", { scope: "col", "data-sort": id || name, class: name === "Exposed" ? "number" : null },
    h("button", { type: "button" }, name))));
  if (data.skipped.length) byId("skipped").append(h("details", {}, h("summary", {}, `Not scanned: ${number(data.skipped.reduce((sum, group) => sum + group.count, 0))}`),
    ...data.skipped.map((group) => h("div", {}, h("h3", {}, `${group.reason} (${number(group.count)})`), h("ul", {}, group.paths.map((path) => h("li", {}, h("code", {}, path))),
      group.count > group.paths.length ? h("li", { class: "quiet" }, `and ${number(group.count - group.paths.length)} more`) : "")))));
  byId("footer").textContent = `Written by keysift ${data.tool.version} on ${day(data.run.started)}. Keys are ${data.masked ? "masked" : "shown in full: protect this page as you would protect them"}. This page loads nothing and sends nothing.`;
}

function dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function listen() {
  byId("search").addEventListener("input", (event) => { asked.search = event.target.value; asked.most = STEP; search(); });
  for (const name of ["label", "provider", "where", "age"]) byId(name).addEventListener("change", (event) => { asked[name] = event.target.value; asked.most = STEP; search(); });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", () => { Object.assign(asked, { search: "", label: "", provider: "", where: "", age: "", confidence: "", most: STEP }); search(); });
  byId("head").addEventListener("click", (event) => {
    const name = event.target.closest("th")?.dataset.sort;
    if (!name) return;
    Object.assign(asked, { descending: asked.sort === name ? !asked.descending : downwards.has(name), sort: name });
    search();
  });
  byId("rows").addEventListener("click", (event) => {
    const line = event.target.closest("tr.key");
    if (line && !String(getSelection())) toggle(Number(line.dataset.order));
  });
  byId("charts").addEventListener("click", (event) => { const bar = event.target.closest("g[role=button]"); if (bar) choose(bar.dataset.filter, bar.dataset.value); });
  byId("charts").addEventListener("keydown", (event) => {
    const bar = event.target.closest("g[role=button]");
    if (bar && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); choose(bar.dataset.filter, bar.dataset.value); }
  });
  byId("more").addEventListener("click", () => { asked.most += STEP; show(); });
  byId("open").addEventListener("click", () => {
    const shown = found.slice(0, asked.most);
    const close = shown.every((key) => opened.has(key.order));
    for (const key of shown) { if (close) opened.delete(key.order); else opened.add(key.order); }
    show();
  });
  byId("theme").addEventListener("click", () => { document.documentElement.dataset.theme = dark() ? "light" : "dark"; });
  byId("print").addEventListener("click", () => print());
  addEventListener("beforeprint", () => { if (asked.most < found.length) { asked.most = found.length; show(); } });
  addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); byId("search").focus(); }
    if (event.key === "Escape" && document.activeElement === byId("search")) { byId("filters").reset(); }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && document.activeElement.classList.contains("toggle")) {
      const all = [...document.querySelectorAll(".toggle")];
      const next = all[all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); }
    }
  });
}

frame();
listen();
search();
