// --- What the filters leave, shown ---

function search() {
  const [left, counts] = sift();
  found = sorted(left);
  lines = arranged();
  options(counts);
  totals();
  if (byId("charts-box").open) drawCharts(found, counts);
  show();
  shownCounts = counts;
}
let shownCounts = null;

function ask(changes) {
  Object.assign(asked, { most: STEP }, changes);
  if (byId("search").value !== asked.search) byId("search").value = asked.search;
  search();
}

const NOTHING = { search: "", status: "", confidence: "", label: "", provider: "", file: "", where: "", exposed: "" };

function counted() {
  const usual = keys.filter((key) => FACETS.status.usual(key) && !key.below).length;
  const kind = data.live ? "undecided key" : "key";
  const groups = asked.group ? ` in ${plural(new Set(lines.filter((line) => line.head !== undefined).map((line) => line.head)).size, "group")}` : "";
  return (found.length === usual && !active().length && !asked.search ? plural(usual, kind) : `${number(found.length)} of ${plural(keys.length, "key")}`) + groups;
}

const active = () => Object.keys(FACETS).filter((name) => asked[name]);

function show() {
  const shown = lines.slice(0, asked.most);
  const body = byId("rows");
  body.replaceChildren(...shown.flatMap((line, at) => (line.head === undefined ? row(line, at) : head(line))));
  if (!shown.length) body.append(h("tr", { role: "row" }, h("td", { class: "none", role: "cell", colspan: COLUMNS.length }, nothing())));
  byId("count").textContent = counted();
  const left = lines.length - shown.length;
  byId("more").hidden = left <= 0;
  byId("more").textContent = `Show ${number(Math.min(left, STEP))} more (${number(left)} left)`;
  byId("open").hidden = !lines.length;
  byId("decide-all").hidden = !data.live || !found.length;
  byId("decide-all").textContent = `Decide on ${found.length === 1 ? "this one" : `all ${number(found.length)}`}\u2026`;
  byId("active").textContent = active().length ? `(${active().length})` : "";
  for (const cell of byId("head").children) {
    if (cell.dataset.sort === asked.sort && cell.dataset.sort) cell.setAttribute("aria-sort", asked.descending ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  }
}

function nothing() {
  if (!keys.length) return "No leaked keys were found.";
  if (data.live && !keys.some((key) => key.status === "undecided" && !key.below)) return "Everything is decided.";
  return "No key matches. Clear the filters to see all keys.";
}

function options(counts) {
  const some = (name) => [...counts[name]].filter(([value]) => value && value !== "any");
  const known = (name, values) => values.filter((value) => keys.some((key) => FACETS[name].values(key).includes(value)));
  const usual = { status: data.live ? "undecided" : "open", confidence: hasBelow ? "reported" : "" };
  const listed = {
    status: known("status", STATUSES.filter((value) => value !== usual.status)), confidence: known("confidence", [...CONFIDENCES, "not reported"]), label: known("label", LABELS), where: known("where", WHERE),
    exposed: known("exposed", EXPOSED.map(([, name]) => name)), provider: byCount(counts.provider).map(([name]) => name),
    file: byCount(counts.file).slice(0, 200).map(([name]) => name),
  };
  for (const [name, values] of Object.entries(listed)) {
    const chosen = asked[name] && asked[name] !== "any" && !values.includes(asked[name]) ? [asked[name]] : [];
    const option = (value, text) => h("option", { value }, `${text} (${number(counts[name].get(value) || 0)})`);
    const first = usual[name] ? [option("", usual[name]), option("any", "any")] : [option("", "any")];
    byId(name).replaceChildren(...first, ...[...values, ...chosen].map((value) => option(value, value)));
    byId(name).value = asked[name];
    byId(name).parentElement.hidden = !asked[name] && values.length < (usual[name] ? 1 : 2) && known(name, [...new Set(keys.flatMap((key) => FACETS[name].values(key)))]).length < 2;
    if (name === "file" && some("file").length > 200) byId(name).append(h("option", { disabled: "" }, `and ${number(some("file").length - 200)} more: search for them`));
  }
  for (const name of ["group", "sort"]) byId(name).value = asked[name];
}

// --- The totals: each shows the keys that it counts ---

function totals() {
  const reported = keys.filter(isReported);
  const part = (text, members, filters, kind) => {
    const on = Object.keys(NOTHING).every((name) => asked[name] === (filters[name] ?? ""));
    return members.length ? h("button", { type: "button", class: `total ${kind || ""}`, "aria-pressed": on, "data-total": JSON.stringify(filters) }, h("b", {}, number(members.length)), h("span", {}, text)) : "";
  };
  const any = data.live ? { status: "any" } : {};
  const where = (value) => part(value, reported.filter((key) => key.where === value), { where: value });
  const parts = data.live ? STATUSES.slice(0, 4).map((status) => part(status, keys.filter((key) => key.status === status && (status === "accepted" || status === "false alarm" || !key.below)), { status: status === "undecided" ? "" : status, ...(status === "accepted" || status === "false alarm" ? { confidence: hasBelow ? "any" : "" } : {}) }))
    : [...LABELS.map((label) => part(label, reported.filter((key) => key.label === label), { label }, label)), ...(hasHistory ? WHERE.map(where) : []),
      part("accepted", keys.filter((key) => !isOpen(key)), { status: "accepted", confidence: hasBelow ? "any" : "" })];
  const quiet = part("below the threshold, not reported", keys.filter((key) => isOpen(key) && key.below), { confidence: "not reported", ...any });
  byId("totals").replaceChildren(...[...parts, quiet].filter(Boolean));
  byId("title").textContent = reported.length ? `${plural(reported.length, "leaked key")} found` : "No leaked keys found";
  document.title = `keysift: ${byId("title").textContent}`;
}

// --- The frame of the page, once ---

function notices() {
  for (const { text, kind } of data.notices) {
    const link = kind === "incomplete" && data.skipped.length ? [" ", h("a", { href: "#skipped" }, "What was not scanned")] : "";
    byId("notices").append(h("p", { class: `notice ${kind}`, role: kind === "incomplete" ? "alert" : null }, words(text), link));
  }
}

function frame() {
  byId("command").textContent = data.live ? "view" : data.run.command;
  byId("scope").textContent = [data.run.targets.filter((target) => target !== ".").join(", "), data.run.started.replace("T", " ").replace("Z", " UTC"), `${data.run.scanned} scanned`].filter(Boolean).join(" \u00b7 ");
  const total = data.skipped.reduce((sum, group) => sum + group.count, 0);
  if (total) byId("scope").append(" \u00b7 ", h("a", { href: "#skipped" }, `${number(total)} not scanned`));
  notices();
  byId("head").append(...COLUMNS.map(([name, sort]) => h("th", { scope: "col", "data-sort": sort, class: name === "Exposed" ? "number" : null }, sort ? [h("button", { type: "button" }, name), h("span", { class: "paper", "aria-hidden": "true" }, name)] : name)));
  byId("sort").append(...ORDERS.map(([id, title]) => h("option", { value: id }, title)));
  if (total) byId("skipped").append(h("details", {}, h("summary", {}, `Not scanned: ${number(total)}`), data.skipped.map((group) => h("div", {}, h("h3", {}, `${group.reason} (${number(group.count)})`), h("ul", {}, group.paths.map((path) => h("li", {}, h("code", {}, path))),
    group.count > group.paths.length ? h("li", { class: "quiet" }, `and ${number(group.count - group.paths.length)} more`) : "")))));
  byId("footer").textContent = `Written by keysift ${data.tool.version} on ${day(data.run.started)}. Keys are ${data.masked ? "masked" : "shown in full: protect this page as you would protect them"}. ${data.live ? "This page talks to keysift on this machine, and to nothing else." : "This page loads nothing and sends nothing."}`;
  if (matchMedia("(max-width: 700px)").matches) byId("filter-box").open = false;
  if (matchMedia("(max-width: 900px)").matches) byId("charts-box").open = false;
  for (const id of ["charts-box", "filters"]) byId(id).hidden = !keys.length;
}

function dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function start() {
  search();
  follows();
}

// --- One key, by its link ---

function follows() {
  const key = byFingerprint.get(/^#key=([0-9a-f]+)$/.exec(location.hash)?.[1]);
  if (!key) return;
  const at = () => lines.findIndex((line) => line.key === key);
  for (const name of asked.group ? GROUPS[asked.group](key) : []) closed.delete(name);
  lines = arranged();
  // Far down in the list, or not in it: it is shown alone.
  if (at() < 0 || at() >= asked.most) ask({ ...NOTHING, search: key.fingerprint, status: FACETS.status.usual(key) ? "" : "any", confidence: key.below ? "any" : "" });
  opened.add(key.order);
  show();
  const line = document.querySelector(`tr.key[data-order="${key.order}"]`);
  line.scrollIntoView({ block: "start" });
  line.querySelector(".toggle").focus({ preventScroll: true });
}

frame();
listen();
if (data.live) live();
else start();
