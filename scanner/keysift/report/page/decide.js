// --- Decisions: only where `keysift view` serves the page; each is written to the baseline at once ---

let version = -1;
const undoable = [];
const ANSWERS = [["real", "Real: it stays a finding"], ["false alarm", "False alarm: not a key"], ["accepted", "Accepted until a day"]];

async function call(name, body) {
  const answer = await fetch(name, body === undefined ? { cache: "no-store" } : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const told = await answer.json();
  if (!answer.ok) throw new Error([told.error, told.help].filter(Boolean).join("; "));
  return told;
}

function say(text, undo) {
  const button = undo ? h("button", { type: "button", class: "link" }, "Undo") : "";
  if (undo) button.addEventListener("click", () => takeBack());
  byId("said").replaceChildren(h("p", {}, text, " ", button));
}

// Takes over what the baseline says of each key; where nothing changed, the page stays as it is.
function take(state) {
  if (state.version === version) return;
  version = state.version;
  for (const key of keys) {
    key.decision = state.decided[key.fingerprint] || null;
    key.status = key.decision ? key.decision.status : key.accepted && (state.blind || key.baseline !== "unchanged") ? "accepted" : "undecided";
    key.searched = undefined;
  }
  const [order, up] = [current()?.dataset.order, scrollY];
  search();
  document.querySelector(`tr.key[data-order="${order}"] .toggle`)?.focus({ preventScroll: true });
  scrollTo(scrollX, up);
}

async function poll() {
  try {
    const state = await call("state");
    take(state);
    if (state.problem) say(state.problem);
    else if (byId("said").dataset.lost) { delete byId("said").dataset.lost; say("keysift is here again."); }
  } catch (error) {
    byId("said").dataset.lost = "yes";
    say(`keysift does not answer: nothing that you decide now is written. ${error.message}`);
  }
}

async function live() {
  byId("decide-all").addEventListener("click", () => decide(found, ""));
  await poll();
  start();
  setInterval(() => { if (!document.hidden) poll(); }, 3000);
}

function decideFrom(line, answer) {
  if (line.classList.contains("group")) decide(lines.find((one) => one.head === line.dataset.group).members, "");
  else decide([keys[line.dataset.order]], answer);
}

function decides(event) {
  if (event.key === "u") return takeBack;
  const answer = { r: "real", f: "false alarm", a: "accepted" }[event.key.toLowerCase()];
  const line = current();
  if (!answer) return null;
  if (event.shiftKey) return () => decide(line ? lines.find((one) => one.head !== undefined && one.head === groupOf(line))?.members ?? found : found, answer);
  return line && !line.classList.contains("group") ? () => decide([keys[line.dataset.order]], answer) : null;
}

function groupOf(line) {
  for (let one = line; one; one = one.previousElementSibling) if (one.classList.contains("group")) return one.dataset.group;
  return null;
}

function decide(chosen, answer) {
  const high = chosen.filter((key) => key.confidence === "high").length;
  const paths = [...new Set(chosen.flatMap((key) => key.files))];
  const what = chosen.length === 1 ? `${chosen[0].rule.name}${chosen[0].secret ? `, ${chosen[0].secret}` : ""}, in ${chosen[0].places[0]?.path ?? "no file"}` : `${high === chosen.length ? "All" : high ? number(high) : "None"} of high confidence. In ${paths.slice(0, 3).join(", ")}${paths.length > 3 ? ` and ${plural(paths.length - 3, "more file")}` : ""}.`;
  const choice = ([value, told]) => h("label", { class: "choice" }, h("input", { type: "radio", name: "answer", value, required: "", checked: answer === value ? "" : null }), told);
  const why = h("input", { name: "why", maxlength: 500, autocomplete: "off", required: data.live.reason ? "" : null });
  const until = h("input", { name: "until", type: "date", min: day(new Date().toISOString()) });
  const form = h("form", { method: "dialog" }, h("h2", { id: "decide-title" }, chosen.length === 1 ? "One key" : plural(chosen.length, "key")), h("p", { class: "quiet" }, what),
    ANSWERS.map(choice), h("label", { class: "field" }, `Reason${data.live.reason ? " (the policy asks for one)" : ""}`, why), h("label", { class: "field last" }, "Until", until), h("p", { class: "wrong", role: "alert" }),
    h("p", { class: "choices" }, h("button", { value: "write", class: "main" }, "Write to the baseline"), h("button", { type: "button", class: "cancel" }, "Cancel")));
  const box = byId("decide-box");
  const next = following(chosen);
  const chose = () => { const accepted = form.elements.answer.value === "accepted"; until.required = accepted; until.parentElement.hidden = !accepted; why.required = Boolean(data.live.reason) && form.elements.answer.value !== "real"; };
  form.addEventListener("change", chose);
  form.querySelector(".cancel").addEventListener("click", () => box.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const asking = { fingerprints: chosen.map((key) => key.fingerprint), answer: form.elements.answer.value, why: why.value, until: until.parentElement.hidden ? "" : until.value };
    try {
      const told = await call("decide", asking);
      box.close();
      undoable.push(told.undo);
      take(told);
      say(told.said, true);
      (document.querySelector(`tr.key[data-order="${next}"] .toggle`) ?? byId("keys")).focus();
    } catch (error) { form.querySelector(".wrong").textContent = error.message; }
  });
  box.replaceChildren(form);
  chose();
  box.showModal();
  (answer ? why : form.elements.answer[0]).focus();
}

// The key to go on with: the first behind those that are decided on.
function following(chosen) {
  const rest = lines.filter((line) => line.key).map((line) => line.key);
  const last = rest.indexOf(chosen.at(-1));
  return [...rest.slice(last + 1), ...rest.slice(0, Math.max(0, last)).reverse()].find((key) => !chosen.includes(key))?.order;
}

async function takeBack() {
  const last = undoable.at(-1);
  if (!last) return say("Nothing to undo.");
  try {
    const told = await call("undo", { undo: last });
    undoable.pop();
    take(told);
    say(told.said, Boolean(undoable.length));
  } catch (error) { say(error.message); undoable.pop(); }
  return null;
}
