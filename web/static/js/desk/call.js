// The call: its clock and contact record on top of the desk, opening it with the first search, and telling the server
// what was done on it. Nothing here keeps the agent waiting, and nothing is lost while the server is away: steps are told
// until the server has said that it has them. They are numbered, so that telling twice is telling once.

import { ask, complain, isOffline, post } from "./offline.js";
import * as state from "./state.js";
import { page, say } from "./state.js";

const GATHER = 2000; // milliseconds in which steps are gathered before they are told
const AGAIN = 5000; // and before they are told again, after an attempt that failed; doubled up to
const AGAIN_MOST = 60000;
const BATCH = 20; // steps told at once: a browser takes 64 kB for a page that goes
const HELD = 500; // steps held at most: a day without a connection
const STORE = `zhihui-desk:${page.person}:steps`;

const bar = document.querySelector("[data-call-bar]");
const field = document.getElementById("q");
// Numbers of steps begin anew with every page; its own name tells them from another tab's.
const own = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(36).padStart(2, "0")).join("");

let current = null; // {reference, open, base}: base is when it began, by this page's clock
let opening = null;
let firstKey = null; // when the first key of a search was pressed on no call, or on one without a search
let steps = []; // {reference, page, n, at or ms, kind …}; at becomes ms once the call is known
let count = 0;
let heard = performance.now(); // the last sign of the call; after page.callTimeout it is over
let timer = 0;
let pause = AGAIN;
let telling = false;
let stored = false;
let left = false;
let stopped = false; // signed out, or this page's token has expired: the next page tells them

const otherTabs = new BroadcastChannel("zhihui-desk-call");

const goesOn = () => Boolean(current?.open) && performance.now() - heard <= Number(page.callTimeout);
const panel = () => bar.querySelector("[data-call-panel]");
const form = () => bar.querySelector("[data-call-form]");

// The bar

/** Take over what the server says about the call. */
function read() {
  const line = bar.querySelector("[data-call-now]");
  current = line && {
    reference: line.dataset.callNow,
    open: line.dataset.goingOn !== undefined,
    keyed: line.dataset.noKey === undefined,
    base: performance.now() - Number(line.dataset.elapsed),
  };
  if (!current?.open || current.keyed) firstKey = null;
}

/** Show the bar that the server made. `carry`: with what stands unsaved in the contact record. */
function show(html, { carry = false } = {}) {
  const written = carry && form() ? new FormData(form()) : null;
  const unfolded = carry && panel()?.open;
  const before = current;
  const made = document.createElement("template");
  made.innerHTML = html;
  bar.replaceChildren(made.content);
  read();
  if (before?.open && current && !current.open) {
    state.tell("ended", {});
    otherTabs.postMessage(current.reference);
  }
  if (unfolded && panel()) panel().open = true;
  if (!written || !form()) return;
  for (const name of ["ticket", "note"]) form().elements[name].value = written.get(name);
  for (const choice of form().querySelectorAll("input[type=radio]")) choice.checked = choice.value === written.get("topic");
}

/** Ask how the call stands. */
async function look() {
  try {
    show(await ask(page.call.replace("REFERENCE", current.reference)), { carry: true });
  } catch {
    // The clock goes on until the next look.
  }
}

otherTabs.addEventListener("message", ({ data }) => current?.open && data === current.reference && look());

const clockText = (ms) => {
  const seconds = Math.floor(ms / 1000);
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${hours ? `${hours}:` : ""}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
};

function tick() {
  if (!current?.open) return;
  bar.querySelector("[data-clock]").textContent = clockText(performance.now() - current.base);
}

/** Unfold the contact record, which also ends the call; return whether there is a call. */
export function unfold() {
  if (!panel()) return false;
  panel().open = true;
  const choice = form().querySelector("input:checked") ?? form().querySelector("input[type=radio]");
  choice.focus();
  return true;
}

/** Fold it; return whether it was open. */
export function fold() {
  if (!panel()?.open) return false;
  panel().open = false;
  panel().querySelector("summary").focus();
  return true;
}

/** Whether keys pressed at `element` belong to the contact record. */
export const holds = (element) => Boolean(panel()?.open) && form().contains(element);

async function write(button) {
  const sent = form();
  if (sent.dataset.sent) return;
  sent.dataset.sent = "yes";
  const ends = button?.value === "end";
  const fields = new URLSearchParams(new FormData(sent));
  fields.set("do", ends ? "end" : "keep");
  try {
    show(await post(sent.action, fields));
    say(ends ? page.sayEnded : page.sayRecorded);
    field.focus();
    if (ends) field.select(); // the next caller's words take the place of this one's
  } catch (error) {
    delete sent.dataset.sent;
    if (error.gone) form().querySelector("[data-call-said]").textContent = page.sayNotRecorded;
    else complain(error, () => write(button));
  }
}

bar.addEventListener("submit", (event) => {
  event.preventDefault();
  write(event.submitter);
});

bar.addEventListener("change", (event) => {
  // Full-width letters come out of Chinese input methods.
  if (event.target.name === "ticket") event.target.value = event.target.value.normalize("NFKC").replace(/\s+/g, "").toUpperCase();
});

bar.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
  const writing = event.target.matches("input:not([type=radio])");
  if (event.key === "Escape" && holds(event.target)) {
    event.preventDefault();
    event.stopPropagation();
    fold();
  } else if (/^[1-9]$/.test(event.key) && holds(event.target) && !writing) {
    const choice = form().querySelectorAll("input[type=radio]")[Number(event.key) - 1];
    if (!choice) return;
    event.preventDefault();
    choice.checked = true;
    choice.focus();
  }
});

document.addEventListener("click", (event) => {
  if (panel()?.open && !panel().contains(event.target)) panel().open = false;
});

// Opening

function open() {
  if (opening) return;
  const waiting = steps.filter((step) => !step.reference).map((step) => step.at);
  const began = Math.min(firstKey ?? performance.now(), performance.now(), ...waiting);
  const waited = Math.round(performance.now() - began);
  const fields = state.search();
  fields.set("waited", String(waited));
  opening = post(page.calls, fields)
    .then((html) => {
      show(html);
      state.setCall(current.reference);
      for (const step of steps) settle(step);
      plan(GATHER);
    })
    .catch(() => {
      // The desk says itself that the server is away; the call is opened when it answers again, or by the next search.
    })
    .finally(() => {
      opening = null;
    });
}

/** The call of `step` is known now: when it was, counted from the call's beginning. */
function settle(step) {
  if (step.reference || !current) return;
  step.reference = current.reference;
  step.ms = Math.max(0, Math.round(step.at - current.base));
  delete step.at;
}

field.addEventListener("input", () => {
  if (goesOn() && current.keyed) return;
  if (field.value) firstKey ??= performance.now();
  else if (!goesOn()) firstKey = null;
});

// Telling

function note(kind, about) {
  const awaited = opening || steps.some((step) => !step.reference);
  if (!current && !awaited && kind !== "searched") return; // somebody reads, on no call
  count += 1;
  left = false;
  const step = { page: own, n: count, at: performance.now(), kind, ...about };
  if (steps.length >= HELD) steps.shift();
  steps.push(step);
  // While a call is being opened this may be its first step; what comes after a call's end is still about that one.
  if (!awaited && (goesOn() || kind !== "searched")) settle(step);
  heard = performance.now();
  plan(steps.length >= BATCH ? 0 : GATHER);
}

function plan(milliseconds) {
  if (timer || stopped) return;
  timer = setTimeout(() => {
    timer = 0;
    tell();
  }, milliseconds);
}

/** The next batch: steps of one call, as one page counted them. */
function batch() {
  const first = steps.find((step) => step.reference);
  if (!first) return null;
  const same = steps.filter((step) => step.reference === first.reference && step.page === first.page).slice(0, BATCH);
  const body = new URLSearchParams({
    csrf_token: page.token,
    page: first.page,
    steps: JSON.stringify(same.map(({ reference, page: counted, ...step }) => step)),
  });
  const here = current?.reference === first.reference;
  if (here && !current.keyed && firstKey !== null) body.set("first_key", String(Math.max(0, Math.round(firstKey - current.base))));
  return { address: page.steps.replace("REFERENCE", first.reference), body, same };
}

/** Tell the server; what it has said to have is forgotten here, what it will never take too. */
async function tell() {
  if (telling || stopped) return;
  const next = batch();
  if (!next) return;
  telling = true;
  let again = AGAIN;
  try {
    const answer = await fetch(next.address, { method: "POST", body: next.body, keepalive: true, headers: { "X-Requested-With": "fetch" } });
    if (answer.redirected || answer.status === 400 || answer.status === 401) stopped = true;
    else if (answer.ok || (answer.status < 500 && answer.status !== 429)) {
      steps = steps.filter((step) => !next.same.includes(step));
      if (answer.ok && next.body.has("first_key")) {
        current.keyed = true;
        firstKey = null;
      }
      again = 0;
    }
  } catch {
    // No answer: they are told again.
  } finally {
    telling = false;
  }
  if (again) {
    keep();
    again = pause;
    pause = Math.min(pause * 2, AGAIN_MOST);
  } else {
    pause = AGAIN;
    if (stored) keep();
  }
  if (steps.some((step) => step.reference)) plan(again);
}

/** Keep what the server has not said to have for the next page of this tab. */
function keep() {
  const known = steps.filter((step) => step.reference);
  try {
    stored = known.length > 0;
    if (stored) sessionStorage.setItem(STORE, JSON.stringify(known));
    else sessionStorage.removeItem(STORE);
  } catch {
    // A full or forbidden store: they are told as long as this page stands.
  }
}

/** Before the page goes: tell without waiting for an answer, and keep them, since there will be none. */
function leave() {
  if (stopped || left) return;
  left = true; // hidden and gone are two events
  keep();
  const next = batch();
  if (next) navigator.sendBeacon(next.address, next.body);
}

function now() {
  clearTimeout(timer);
  timer = 0;
  pause = AGAIN;
  if (!goesOn() && !opening && steps.some((step) => !step.reference && step.kind === "searched")) open();
  plan(0);
}

document.addEventListener("desk:searched", ({ detail }) => {
  const begins = !goesOn() && !opening;
  if (begins) current = null;
  note("searched", { query: detail.query, total: detail.total });
  if (begins) open();
});
document.addEventListener("desk:opened", ({ detail }) => {
  const revision = Number(document.querySelector("[data-card]")?.dataset.revision) || null;
  note("opened", { entry: detail.entry, revision, position: detail.position, query: detail.query });
});
document.addEventListener("desk:copied", ({ detail }) => {
  const revision = Number(document.querySelector("[data-card]")?.dataset.revision) || null;
  note("copied", { entry: detail.entry, revision });
});
document.addEventListener("desk:outcome", ({ detail }) => {
  note("outcome", { entry: detail.entry, solved: detail.solved });
  if (current && detail.solved) look(); // solved has ended it
});
document.addEventListener("desk:back", now);
window.addEventListener("online", () => isOffline() || now());
window.addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());

read();
setInterval(tick, 1000);
try {
  steps = JSON.parse(sessionStorage.getItem(STORE)) || [];
} catch {
  steps = [];
}
stored = steps.length > 0;
if (stored) plan(0);
