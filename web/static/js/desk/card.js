// The open card: loading it, copying what to say, saying how it went.

import { copy } from "../clipboard.js";
import { ask, complain, isOffline, keep, post, recall, whenBack } from "./offline.js";
import * as state from "./state.js";
import { say, tell } from "./state.js";

const SHOWN_MS = 2500;
const pane = document.querySelector("[data-open]");
const main = document.getElementById("main");
const blank = document.querySelector("[data-blank-card]");
const phone = matchMedia("(max-width: 760px)");

let asking = null;

export const isOpen = () => state.open() !== "" && pane.querySelector("[data-card]") !== null;
export const holdsFocus = () => pane.contains(document.activeElement);
export const fillsScreen = () => phone.matches && state.open() !== "";

function show(html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  for (const button of made.content.querySelectorAll("button[data-copy]")) button.hidden = false;
  pane.replaceChildren(made.content);
  pane.scrollTop = 0;
  pane.removeAttribute("aria-busy");
}

function note(text) {
  const line = document.createElement("p");
  line.className = "desk-kept-note";
  line.textContent = text;
  pane.querySelector("[data-card]")?.prepend(line);
}

function mark(key) {
  for (const item of document.querySelectorAll("[data-list] [data-key]")) {
    const link = item.querySelector("a");
    item.classList.toggle("is-open", item.dataset.key === key);
    if (item.dataset.key === key) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  main.classList.toggle("has-card", key !== "");
}

const focusTitle = () => pane.querySelector("[data-card-title]")?.focus({ preventScroll: true });

/** Open the card of `key`. `step`: as a step to go back from. `position`: where it stood in the list, from 1. */
export async function open(key, { step = true, focus = true, position = null } = {}) {
  asking?.abort();
  const own = new AbortController();
  asking = own;
  state.setOpen(key);
  if (step) state.write({ step: true });
  mark(key);
  pane.setAttribute("aria-busy", "true");
  try {
    const html = await ask(`${state.page.cards.replace("KEY", encodeURIComponent(key))}?${state.full()}`, { signal: own.signal });
    if (asking !== own) return;
    show(html);
    keep(key, pane.querySelector("[data-card-title]").textContent, html);
    tell("opened", { entry: key, position, query: state.words() });
  } catch (error) {
    if (asking !== own || error.name === "AbortError") return;
    pane.removeAttribute("aria-busy");
    const before = isOffline() ? recall(key) : undefined;
    if (before) {
      show(before.html);
      note(state.page.sayKept.replace("{time}", before.time));
      tell("opened", { entry: key, position, query: state.words() });
    } else {
      pane.replaceChildren(blank.content.cloneNode(true));
      pane.querySelector(".desk-empty p").textContent = isOffline() ? state.page.sayNotKept : error.message;
    }
    const retry = () => state.open() === key && open(key, { step: false, focus: false, position });
    if (isOffline()) whenBack(retry);
    else complain(error, retry);
  }
  if (focus) focusTitle();
}

export function close({ step = true } = {}) {
  asking?.abort();
  asking = null;
  state.setOpen("");
  pane.replaceChildren(blank.content.cloneNode(true));
  pane.removeAttribute("aria-busy");
  mark("");
  if (step) state.write();
}

let timer;

export async function copyScript() {
  const button = pane.querySelector("button[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const label = button.querySelector("[data-copy-label]");
  label.dataset.rest ??= label.textContent;
  let said = source.querySelector(".placeholder") ? button.dataset.unfinished : button.dataset.done;
  try {
    await copy(source.innerText.trim());
    tell("copied", { entry: state.open() });
  } catch {
    said = button.dataset.failed;
  }
  label.textContent = said;
  clearTimeout(timer);
  timer = setTimeout(() => {
    label.textContent = label.dataset.rest;
  }, SHOWN_MS);
}

const feedback = () => pane.querySelector("[data-feedback]");
const unfolded = () => feedback()?.querySelector("details[open]");

/** Fold an open list of reasons; return whether there was one. */
export function fold() {
  const panel = unfolded();
  if (!panel) return false;
  panel.open = false;
  panel.querySelector("summary").focus();
  return true;
}

/** Choose how bad it is, and go on to what is wrong. */
export function severity(panel, number) {
  const choice = panel.querySelectorAll("input[name=severity]")[number - 1];
  if (!choice) return false;
  choice.checked = true;
  panel.querySelector("textarea").focus();
  return true;
}

/** Show the card of `key` anew, after something about it was said; nothing where another one is open by now. */
export function renew(key, html) {
  if (state.open() !== key) return;
  show(html);
  keep(key, pane.querySelector("[data-card-title]").textContent, html);
  focusTitle();
}

/** What a digit means now: 1 2 3 on the bar, and the number of a reason while the reasons are open. */
export function digit(number) {
  const form = feedback();
  if (!form) return false;
  const panel = unfolded();
  if (panel?.dataset.panel === "3") return severity(panel, number);
  if (panel) {
    const choice = panel.querySelectorAll("button")[number - 1];
    if (choice) form.requestSubmit(choice);
    return Boolean(choice);
  }
  if (number === 1) form.requestSubmit(form.querySelector("button[name=solved]"));
  else {
    const wanted = form.querySelector(`details[data-panel="${number}"]`);
    if (!wanted) return false;
    wanted.open = true;
    wanted.querySelector("input:checked, button").focus();
  }
  return true;
}

async function record(form, button) {
  if (form.dataset.sent) return;
  form.dataset.sent = "yes";
  const key = state.open();
  const fields = { [button.name]: button.value };
  try {
    const html = await post(form.action, fields);
    if (state.open() !== key) return;
    const made = document.createElement("template");
    made.innerHTML = html;
    const fresh = made.content.querySelector("[data-feedback]");
    if (fresh) form.replaceWith(fresh);
    say(pane.querySelector(".desk-feedback-said")?.textContent.trim() ?? "");
    tell("outcome", { entry: key, solved: fields.solved === "yes", reason: fields.reason ?? null });
    focusTitle();
  } catch (error) {
    delete form.dataset.sent;
    if (error.gone) form.querySelector(".desk-feedback-said").textContent = state.page.sayNotRecorded;
    else complain(error, () => record(form, button));
  }
}

pane.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-feedback]")) return;
  event.preventDefault();
  record(event.target, event.submitter);
});

pane.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (event.target.closest("button[data-copy]")) copyScript();
  const link = event.target.closest("a[data-key]");
  if (link) {
    event.preventDefault();
    open(link.dataset.key);
  }
});

for (const button of pane.querySelectorAll("button[data-copy]")) button.hidden = false;
if (isOpen()) {
  const here = pane.querySelector("[data-card-title]");
  keep(state.open(), here.textContent, pane.innerHTML);
  focusTitle();
}
