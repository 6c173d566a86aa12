// --- The charts: each answers a question about the keys that the filters leave ---

const MOST_BARS = 7;
const SERIES = 5;
const SAMPLES = 240;

// Bars that are filters; `counts` are those of `sift`, so that a bar says how many keys its filter shows.
function bars(title, facet, values, counts, more) {
  const shown = values.filter((value) => counts.get(value));
  const most = Math.max(1, ...shown.map((value) => counts.get(value)));
  const bar = (value) => {
    const fill = h("span", { class: `fill ${facet === "label" ? value : ""}` });
    fill.style.width = `${Math.max(1.5, 100 * counts.get(value) / most)}%`;
    return h("button", { type: "button", class: "bar", "data-filter": facet, "data-value": value, "aria-pressed": asked[facet] === value, title: value },
      h("span", { class: "name" }, facet === "file" && value.length > 64 ? `\u2026${value.slice(-63)}` : value), h("span", { class: "track" }, fill), h("span", { class: "value" }, number(counts.get(value))));
  };
  return h("figure", {}, h("figcaption", {}, title), shown.map(bar), shown.length ? "" : h("p", { class: "quiet" }, "None of these keys."), more ? h("p", { class: "quiet" }, more) : "");
}

const byCount = (counts) => [...counts].filter(([value, count]) => value && value !== "any" && count).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));

function top(title, facet, counts) {
  const all = byCount(counts);
  const chosen = asked[facet] && asked[facet] !== "any" && !all.slice(0, MOST_BARS).some(([value]) => value === asked[facet]) ? [asked[facet]] : [];
  return bars(all.length > MOST_BARS ? `${title}: the first ${MOST_BARS} of ${number(all.length)}` : title, facet, [...all.slice(0, MOST_BARS).map(([value]) => value), ...chosen], counts);
}

// How many keys HEAD had at each of some moments, by provider.
function lived(found) {
  const drawn = found.filter((key) => key.from !== null && key.left !== null && key.left > key.from);
  const counts = new Map();
  for (const key of drawn) counts.set(key.provider, (counts.get(key.provider) || 0) + 1);
  const names = byCount(counts).map(([name]) => name);
  const shown = names.length > SERIES + 1 ? names.slice(0, SERIES) : names;
  const series = [...shown, ...(names.length > shown.length ? ["others"] : [])].map((name) => ({ name, counts: new Array(SAMPLES + 1).fill(0) }));
  const start = drawn.reduce((least, key) => Math.min(least, key.from), end - DAY);
  const sample = (time) => Math.ceil((time - start) / (end - start) * SAMPLES);
  for (const key of drawn) {
    const one = series[Math.max(0, shown.indexOf(key.provider) < 0 ? series.length - 1 : shown.indexOf(key.provider))];
    const last = key.left === Infinity ? SAMPLES + 1 : Math.min(SAMPLES + 1, sample(key.left));
    for (let at = sample(key.from); at < last; at += 1) one.counts[at] += 1;
  }
  const total = new Array(SAMPLES + 1).fill(0).map((_, at) => series.reduce((sum, one) => sum + one.counts[at], 0));
  const now = drawn.filter((key) => key.left === Infinity).length;
  return { drawn, series, total, start, now, when: (at) => start + (end - start) * at / SAMPLES };
}

// The step of an axis: a round number, of which at most four reach the end.
function roundStep(most) {
  for (let power = 1; ; power *= 10) {
    const step = [1, 2, 5].map((times) => times * power).find((value) => 4 * value >= most);
    if (step) return step;
  }
}

function liveChart(found, width) {
  const live = lived(found);
  const title = h("figcaption", {}, "Keys live at HEAD over time");
  if (!live.drawn.length) return h("figure", {}, title, h("p", { class: "quiet" }, "None of these keys was ever at HEAD at a known time."));
  const [height, bottom, head] = [170, 22, 8];
  const most = Math.max(1, ...live.total);
  const step = roundStep(most);
  const steps = Math.ceil(most / step);
  const highest = steps * step;
  const left = 14 + 8 * Math.max(3, number(highest).length); // a digit has 8 pixels at most
  const x = (at) => left + (width - left - 4) * at / SAMPLES;
  const y = (count) => head + (height - bottom - head) * (1 - count / highest);
  const below = new Array(SAMPLES + 1).fill(0);
  const areas = live.series.map((one, index) => {
    const lower = [...below];
    one.counts.forEach((count, at) => { below[at] += count; });
    const upper = below.map((count, at) => `${x(at).toFixed(1)},${y(count).toFixed(1)}`);
    const back = lower.map((count, at) => `${x(at).toFixed(1)},${y(count).toFixed(1)}`).reverse();
    return s("polygon", { class: `s${one.name === "others" ? "x" : index}`, points: [...upper, ...back].join(" ") }, s("title", {}, one.name));
  });
  const grid = Array.from({ length: steps + 1 }, (_, times) => times * step).map((count) => [s("line", { class: "grid", x1: left, x2: width - 4, y1: y(count), y2: y(count) }), s("text", { x: left - 6, y: y(count) + 4, "text-anchor": "end" }, number(count))]);
  const line = s("line", { class: "at", y1: head, y2: height - bottom, visibility: "hidden" });
  const drawing = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "slider", tabindex: 0, "aria-label": "Keys live at HEAD over time; arrow keys move through it", "aria-valuemin": 0, "aria-valuemax": SAMPLES, "aria-valuenow": SAMPLES }, grid, areas, ticks(live, x, height, width), line);
  const peak = live.total.indexOf(Math.max(...live.total));
  const missing = found.filter((key) => key.history).length - live.drawn.length;
  const usual = `${plural(live.now, "key")} at HEAD now; most at once: ${number(live.total[peak])}, in ${month(live.when(peak))}.${missing ? ` ${plural(missing, "key")} not drawn: HEAD never had ${missing === 1 ? "it" : "them"}, or it is not known when.` : ""}`;
  const told = h("p", { class: "quiet told", "aria-live": "polite" }, usual);
  follow(drawing, line, x, (at) => { told.textContent = at === null ? usual : `${month(live.when(at))}: ${plural(live.total[at], "key")}${live.total[at] ? ` (${live.series.filter((one) => one.counts[at]).map((one) => `${one.name} ${number(one.counts[at])}`).join(", ")})` : ""}`; });
  const legend = h("p", { class: "legend" }, live.series.map((one, index) => one.name === "others" ? h("span", {}, h("i", { class: "sx" }), "others")
    : h("button", { type: "button", class: "link", "data-filter": "provider", "data-value": one.name, "aria-pressed": asked.provider === one.name }, h("i", { class: `s${index}` }), one.name)));
  return h("figure", {}, title, drawing, legend, told);
}

const month = (time) => new Date(time).toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

function ticks(live, x, height, width) {
  const [first, last] = [new Date(live.start).getUTCFullYear() + 1, new Date(end).getUTCFullYear()];
  const years = last - first + 1 > 0 ? Array.from({ length: last - first + 1 }, (_, index) => first + index) : [];
  const apart = Math.max(1, Math.ceil(years.length / Math.floor((width - 40) / 48)));
  const at = (time) => x((time - live.start) / (end - live.start) * SAMPLES);
  const named = years.filter((year) => (last - year) % apart === 0).map((year) => s("text", { x: at(Date.UTC(year, 0)), y: height - 5, "text-anchor": "middle" }, String(year)));
  return years.length > 1 ? named : [s("text", { x: x(0), y: height - 5 }, day(new Date(live.start).toISOString())), s("text", { x: x(SAMPLES), y: height - 5, "text-anchor": "end" }, day(new Date(end).toISOString()))];
}

// Tells the sample under the pointer, or that which the arrow keys chose.
function follow(drawing, line, x, tell) {
  let chosen = SAMPLES;
  const choose = (at) => {
    chosen = at === null ? SAMPLES : Math.min(SAMPLES, Math.max(0, at));
    line.setAttribute("visibility", at === null ? "hidden" : "visible");
    for (const name of ["x1", "x2"]) line.setAttribute(name, x(chosen));
    drawing.setAttribute("aria-valuenow", chosen);
    tell(at === null ? null : chosen);
  };
  drawing.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect();
    const scale = drawing.viewBox.baseVal.width / box.width;
    choose(Math.round(((event.clientX - box.left) * scale - x(0)) / (x(SAMPLES) - x(0)) * SAMPLES));
  });
  drawing.addEventListener("pointerleave", () => choose(null));
  drawing.addEventListener("blur", () => choose(null));
  drawing.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -4, ArrowRight: 4, Home: -SAMPLES, End: SAMPLES }[event.key];
    if (!step) return;
    event.preventDefault();
    choose(chosen + step);
  });
}

function exposure(found, counts) {
  const days = found.filter((key) => key.days !== null).map((key) => key.days).sort((a, b) => a - b);
  const half = days.length ? `Half of them were exposed for ${plural(days[Math.floor(days.length / 2)], "day")} or longer; the longest for ${plural(days.at(-1), "day")}.` : "";
  return bars("Exposure", "exposed", EXPOSED.map(([, name]) => name), counts, half);
}

function drawCharts(found, counts) {
  const place = byId("charts");
  place.hidden = !keys.length;
  const inner = place.clientWidth || 1000;
  const card = (...figures) => h("div", { class: "chart" }, figures);
  if (!hasHistory) {
    place.replaceChildren(h("div", { class: "chart broad" }, top("Keys by file", "file", counts.file)), card(bars("Keys by confidence", "confidence", CONFIDENCES, counts.confidence), bars("Keys by label", "label", LABELS, counts.label)), card(top("Keys by provider or kind", "provider", counts.provider)));
    return;
  }
  const width = Math.max(240, Math.round(inner > 980 ? (inner - 32) / 2 : inner) - 38);
  place.replaceChildren(h("div", { class: "chart broad" }, liveChart(found, width)), card(exposure(found, counts.exposed)), card(top("Keys by provider or kind", "provider", counts.provider)));
}
