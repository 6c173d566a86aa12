// --- The pointer and the keyboard ---

const HELP = [
  ["/", "search"], ["j or \u2193", "the next key"], ["k or \u2191", "the key before"], ["Enter", "open or close it"], ["o", "open or close all"],
  ["g", "group by file, provider, rule, nothing"], ["c", "choose filters"], ["x", "clear the filters"], ["l", "a link to this key, in the address bar"], ["t", "light or dark"], ["?", "this list"], ["Escape", "leave the search, or this list"],
];
const DECIDING = [["r", "this key is real"], ["f", "it is a false alarm"], ["a", "accept it until a day"], ["Shift with one of these", "all of its group, or all that are listed"], ["u", "undo the last decision"]];

const typing = () => /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName) || document.querySelector("dialog[open]");
const toggles = () => [...document.querySelectorAll("#rows .toggle")];
const current = () => document.activeElement.closest?.("#rows tr");

function toggle(line) {
  const [order, at] = [Number(line.dataset.order), line.dataset.at];
  const open = line.nextElementSibling?.className !== "detail";
  if (open) { opened.add(order); line.after(detail(keys[order], at)); } else { opened.delete(order); line.nextElementSibling.remove(); }
  line.querySelector(".toggle").setAttribute("aria-expanded", open);
}

function fold(name) {
  if (closed.has(name)) closed.delete(name); else closed.add(name);
  lines = arranged();
  show();
  [...document.querySelectorAll("tr.group")].find((line) => line.dataset.group === name)?.querySelector(".toggle").focus();
}

function openAll() {
  const shown = lines.slice(0, asked.most).filter((line) => line.key).map((line) => line.key.order);
  const close = shown.every((order) => opened.has(order));
  for (const order of shown) { if (close) opened.delete(order); else opened.add(order); }
  show();
}

function step(by) {
  let all = toggles();
  const line = current();
  const from = all.indexOf(line?.querySelector(".toggle") || (line?.className === "detail" ? line.previousElementSibling.querySelector(".toggle") : null));
  if (by > 0 && from === all.length - 1 && !byId("more").hidden) { more(); all = toggles(); }
  const next = all[from < 0 ? 0 : Math.min(all.length - 1, Math.max(0, from + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function more() {
  const at = toggles().indexOf(document.activeElement);
  asked.most += STEP;
  show();
  if (at >= 0) toggles()[at]?.focus();
}

function help() {
  const pairs = (some) => h("dl", { class: "help" }, some.map(([key, told]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, told)]));
  byId("help-box").replaceChildren(h("h2", { id: "help-title" }, "Keyboard"), pairs(HELP), ...(data.live ? [h("h2", {}, "To decide"), pairs(DECIDING)] : []), h("form", { method: "dialog" }, h("button", {}, "Close")));
  byId("help-box").showModal();
}

const PRESSED = {
  "/": () => byId("search").focus(), "?": help, j: () => step(1), k: () => step(-1), o: openAll, x: () => ask(NOTHING),
  g: () => { const all = ["", "file", "provider", "rule"]; ask({ group: all[(all.indexOf(asked.group) + 1) % all.length] }); },
  c: () => { byId("filter-box").open = true; byId("confidence").focus(); },
  l: () => { const key = keys[current()?.dataset.order]; if (key) location.hash = `key=${key.fingerprint}`; },
  t: () => byId("theme").click(),
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && document.activeElement === byId("search")) { ask({ search: "" }); byId("search").blur(); }
  if (typing()) return;
  if (/^Arrow(Up|Down)$/.test(event.key) && document.activeElement.closest("#rows")) { event.preventDefault(); step(event.key === "ArrowDown" ? 1 : -1); }
  const act = PRESSED[event.key] || (data.live && decides(event));
  if (act) { event.preventDefault(); act(); }
}

function clicked(event) {
  const filter = event.target.closest("[data-filter]");
  if (filter) return ask({ [filter.dataset.filter]: asked[filter.dataset.filter] === filter.dataset.value ? "" : filter.dataset.value });
  const total = event.target.closest("[data-total]");
  if (total) return ask({ ...NOTHING, ...(total.getAttribute("aria-pressed") === "true" ? {} : JSON.parse(total.dataset.total)) });
  return null;
}

function refocused(event) {
  const button = event.target.closest("button");
  const { filter, value, total } = button?.dataset ?? {};
  clicked(event);
  // What was clicked was drawn anew: the keyboard stays where it was.
  const same = [...document.querySelectorAll(filter ? "[data-filter]" : "[data-total]")].find((one) => one.className === button?.className && (filter ? one.dataset.filter === filter && one.dataset.value === value : total && one.dataset.total === total));
  same?.focus();
}

function listen() {
  document.documentElement.classList.add("scripting");
  byId("search").addEventListener("input", (event) => ask({ search: event.target.value }));
  for (const name of [...Object.keys(FACETS), "group"]) byId(name).addEventListener("change", (event) => ask({ [name]: event.target.value }));
  byId("sort").addEventListener("change", (event) => ask({ sort: event.target.value, descending: downwards.has(event.target.value) }));
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", (event) => { event.preventDefault(); ask({ ...NOTHING, group: "", sort: "order", descending: false }); });
  byId("head").addEventListener("click", (event) => {
    const name = event.target.closest("th")?.dataset.sort;
    if (name) ask({ descending: asked.sort === name ? !asked.descending : downwards.has(name), sort: name, most: asked.most });
  });
  byId("rows").addEventListener("click", (event) => {
    const line = event.target.closest("tr");
    const choice = event.target.closest("[data-decide]");
    if (choice) decideFrom(line, choice.dataset.decide);
    else if (line?.classList.contains("group")) fold(line.dataset.group);
    else if (line?.classList.contains("key") && !String(getSelection())) toggle(line);
  });
  byId("charts").addEventListener("click", refocused);
  byId("totals").addEventListener("click", refocused);
  byId("more").addEventListener("click", more);
  byId("open").addEventListener("click", openAll);
  byId("help").addEventListener("click", help);
  byId("theme").addEventListener("click", () => { document.documentElement.dataset.theme = dark() ? "light" : "dark"; });
  byId("print").addEventListener("click", () => print());
  byId("charts-box").addEventListener("toggle", () => { if (byId("charts-box").open && shownCounts) drawCharts(found, shownCounts); });
  addEventListener("beforeprint", () => { byId("charts-box").open = true; drawCharts(found, shownCounts); if (asked.most < lines.length) { asked.most = lines.length; show(); } });
  addEventListener("keydown", pressed);
  addEventListener("hashchange", follows);
  let width = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== width && byId("charts-box").open) { width = innerWidth; drawCharts(found, shownCounts); } });
}
