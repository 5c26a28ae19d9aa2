// What is written keeps itself: on the server a moment after each change, and on this computer for as long as the server
// has not said that it has it. So a reload, a crash or a lost connection costs nothing. Whatever the server holds in a
// newer version than this page began from is never overwritten unasked.

const WAIT = 900; // milliseconds without a key after which it is kept
const AGAIN = 3000; // and after which it is tried again
const NEARBY = 250; // milliseconds after which it is kept on this computer

export const form = document.querySelector("[data-editor]");
const page = form.dataset;
const STORE = `zhihui-editor:${page.person}:${page.copy}`;
const line = document.querySelector("[data-state]");
const text = document.querySelector("[data-state-text]");
const other = document.querySelector("[data-other]");
const told = [];

let kept = ""; // what the server has
let since = null; // when it began not to have what stands here
let timer = 0;
let nearby = 0;
let running = null;
let stopped = false; // somebody has to decide, or sign in, first
let leaving = false;

/** Call `action` whenever the server has something new. */
export const onKept = (action) => told.push(action);

const clock = (at) => new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: page.zone });

/** The fields as they stand in the form, as one text. */
function written() {
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrf_token" && name !== "version");
  return JSON.stringify(fields);
}

/** The fields as the server gave them: somebody may have typed before this script was there. */
function given() {
  const fields = [];
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field.type === "submit" || field.disabled) continue;
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.defaultChecked) fields.push([field.name, field.value]);
    } else if (field.options) {
      const option = [...field.options].find((item) => item.defaultSelected) ?? field.options[0];
      fields.push([field.name, option.value]);
    } else fields.push([field.name, field.defaultValue]);
  }
  return JSON.stringify(fields);
}

const dirty = () => written() !== kept;

function state(name, message) {
  line.dataset.state = name;
  if (text.textContent !== message) text.textContent = message;
}

function away(message = page.sayAway) {
  since ??= Date.now();
  state("away", message.replace("{time}", clock(since)));
}

function store() {
  clearTimeout(nearby);
  if (!dirty()) return;
  try {
    localStorage.setItem(STORE, JSON.stringify({ fields: written(), version: form.elements.version.value, at: Date.now() }));
  } catch {
    state("away", page.sayBroken);
  }
}

function stored(place = "localStorage") {
  try {
    return JSON.parse(window[place].getItem(STORE));
  } catch {
    return null;
  }
}

/** What the server has, for a reload that began before it had it. It goes with the tab. */
function remember(fields, version) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify({ fields, version }));
  } catch {
    // a full store: the reload shows what the server gave, and the next change asks which is to be gone on with
  }
}

/** Go on from what the server has taken since it gave this page, if it has. */
function overtake() {
  const last = stored("sessionStorage");
  if (!last || Number(last.version) <= Number(form.elements.version.value)) return;
  form.elements.version.value = last.version;
  kept = last.fields;
  fill(kept);
}

function fill(fields) {
  const values = new Map();
  for (const [name, value] of JSON.parse(fields)) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field.type === "submit") continue;
    const given = values.get(field.name) ?? [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = given.includes(field.value);
    else if (given.length) [field.value] = given;
    if (given.some(Boolean)) field.closest("details")?.setAttribute("open", "");
    field.dispatchEvent(new Event("filled"));
  }
}

/** Ask which of two versions is to be gone on with. */
function ask(message, mine, theirs) {
  stopped = true;
  other.querySelector("[data-other-text]").textContent = message;
  other.hidden = false;
  other.querySelector("[data-other-mine]").onclick = () => {
    other.hidden = true;
    stopped = false;
    mine();
  };
  other.querySelector("[data-other-theirs]").onclick = () => {
    leaving = true;
    localStorage.removeItem(STORE);
    theirs();
  };
}

async function send() {
  const now = written();
  const body = new URLSearchParams(new FormData(form));
  state("saving", page.saySaving);
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
  } catch {
    away();
    return false;
  }
  if (answer.redirected && new URL(answer.url).pathname === new URL(page.signIn, location.href).pathname) {
    stopped = true;
    away(page.saySignedOut);
    return false;
  }
  const said = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
  if (answer.status === 409) {
    away();
    ask(page.sayElsewhere, () => {
      form.elements.version.value = said.version;
      keep();
    }, () => location.reload());
    return false;
  }
  if (!answer.ok) {
    away(said.message ?? page.sayFailed);
    return false;
  }
  form.elements.version.value = said.version;
  kept = now;
  since = null;
  remember(now, said.version);
  if (!dirty()) localStorage.removeItem(STORE);
  state("saved", page.saySaved.replace("{time}", clock(said.at)));
  for (const action of told) action();
  return true;
}

/** Keep what stands in the form now; true once the server has it. */
export async function keep() {
  clearTimeout(timer);
  store();
  while (running) await running;
  if (stopped) return false;
  if (!dirty()) return true;
  running = send();
  const done = await running;
  running = null;
  clearTimeout(timer);
  if (dirty() && !stopped) timer = setTimeout(keep, done ? WAIT : AGAIN);
  return done && !dirty();
}

/** Submit the form by `button`, or just to itself, once the server has all of it: nothing is handed in half. */
export async function submitting(button = null) {
  if (leaving) return;
  if (button && !button.formNoValidate && !form.reportValidity()) return;
  if (!(await keep()) && !(await keep())) {
    if (!stopped) state("away", page.sayWait);
    return;
  }
  leaving = true;
  if (button?.name) form.insertAdjacentHTML("beforeend", `<input type="hidden" name="${button.name}" value="${button.value}">`);
  if (button?.hasAttribute("formaction")) form.action = button.formAction;
  form.dispatchEvent(new Event("leaving"));
  HTMLFormElement.prototype.submit.call(form);
}

function changed() {
  if (stopped) {
    store();
    return;
  }
  if (line.dataset.state !== "away") state("writing", page.saySaving);
  clearTimeout(nearby);
  nearby = setTimeout(store, NEARBY);
  clearTimeout(timer);
  timer = setTimeout(keep, WAIT);
}

/** Begin: go on with what was not kept last time, if there is any. */
export function start() {
  kept = given();
  line.dataset.state = "saved"; // from here on the page keeps itself
  overtake();
  const before = stored();
  const differs = before && before.fields !== kept;
  if (differs && before.version === form.elements.version.value) {
    fill(before.fields);
    state("writing", page.sayFound.replace("{time}", clock(before.at)));
    timer = setTimeout(keep, WAIT);
  } else if (differs) {
    ask(page.sayKept.replace("{time}", clock(before.at)), () => {
      fill(before.fields);
      keep();
    }, () => location.reload());
  } else {
    localStorage.removeItem(STORE);
  }
  if (dirty() && !stopped && !timer) changed();
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  window.addEventListener("online", () => dirty() && keep());
  window.addEventListener("pagehide", () => !leaving && store());
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.addEventListener("visibilitychange", () => document.hidden && !leaving && store());
  document.querySelector("[data-discard]").form.addEventListener("submit", () => {
    leaving = true;
    localStorage.removeItem(STORE);
  });
}
