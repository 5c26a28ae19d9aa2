// The open card by keyboard and finger: digits choose, J K L say how sure, and what was chosen so far is kept, so that a
// call in between costs nothing.

import { composing, inField, modified } from "../typing.js";

const page = document.querySelector("[data-study]").dataset;
const DRAFT = `zhihui-study:draft:${page.person}`;
const SURE = { j: 0, k: 1, l: 2 };

const stage = document.querySelector("[data-stage]");

export const form = () => stage.querySelector("form[data-card]");
const ranks = (card) => [...card.querySelectorAll("select[name=rank]")];
const choices = (card) => [...card.querySelectorAll("input[name=choice]")];
const blanks = (card) => [...card.querySelectorAll("input[name=text]")];
const which = (card) => `${card.dataset.question}:${card.dataset.version}:${card.dataset.turn}`;

let began = 0;
let before = 0; // milliseconds that the card stood open on earlier pages

/** Milliseconds that the card has stood open, on this page and before a call. */
export const took = () => Math.round(before + performance.now() - began);

function mark(card) {
  for (const select of ranks(card)) select.closest("li").classList.toggle("is-placed", select.value !== "");
}

export function keep() {
  const card = form();
  if (!card) return;
  const chosen = {
    which: which(card),
    choice: choices(card).map((input) => input.checked),
    rank: ranks(card).map((select) => select.value),
    text: blanks(card).map((input) => input.value),
    took: took(),
  };
  const any = chosen.choice.some(Boolean) || chosen.rank.some(Boolean) || chosen.text.some(Boolean);
  try {
    if (any) localStorage.setItem(DRAFT, JSON.stringify(chosen));
  } catch {
    // A full or forbidden store: what was chosen is lost with the page, and nothing else.
  }
}

export function forget() {
  try {
    localStorage.removeItem(DRAFT);
  } catch {
    // Then there is none.
  }
}

/** Begin with the card on the stage; return whether something was chosen of it before. */
export function begin() {
  const card = form();
  began = performance.now();
  before = 0;
  if (!card) return false;
  let draft = null;
  try {
    draft = JSON.parse(localStorage.getItem(DRAFT));
  } catch {
    draft = null;
  }
  if (draft?.which !== which(card)) return false;
  choices(card).forEach((input, at) => { input.checked = Boolean(draft.choice[at]); });
  ranks(card).forEach((select, at) => { select.value = draft.rank[at] ?? ""; });
  blanks(card).forEach((input, at) => { input.value = draft.text[at] ?? ""; });
  before = Number(draft.took) || 0;
  mark(card);
  return true;
}

/** Whether enough was chosen to be an answer; puts the focus where something is missing. */
export function complete(card) {
  const missing = [...ranks(card), ...blanks(card)].find((field) => !field.value.trim());
  if (missing) missing.focus();
  else if (choices(card).length && !choices(card).some((input) => input.checked)) choices(card)[0].focus();
  else return true;
  return false;
}

function place(card, at) {
  const selects = ranks(card);
  const select = selects[at];
  if (!select) return false;
  if (select.value) select.value = "";
  else {
    const taken = new Set(selects.map((other) => other.value));
    select.value = selects.map((_, rank) => String(rank + 1)).find((rank) => !taken.has(rank)) ?? "";
  }
  mark(card);
  keep();
  return true;
}

function choose(card, at) {
  if (ranks(card).length) return place(card, at);
  const input = choices(card)[at];
  if (!input) return false;
  input.checked = input.type === "radio" || !input.checked;
  input.focus();
  keep();
  return true;
}

stage.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step], .study-option > kbd");
  const card = form();
  if (step && card && ranks(card).length) place(card, [...card.querySelectorAll("li")].indexOf(step.closest("li")));
});

stage.addEventListener("input", (event) => {
  const card = form();
  if (!card) return;
  if (event.target.name === "rank" && event.target.value) {
    for (const other of ranks(card)) if (other !== event.target && other.value === event.target.value) other.value = "";
  }
  mark(card);
  keep();
});

document.addEventListener("keydown", (event) => {
  const card = form();
  if (event.defaultPrevented || composing(event) || modified(event) || event.repeat) return;
  const typing = inField(event) && !["radio", "checkbox"].includes(event.target.type);
  const key = event.key.toLowerCase();
  let done = false;
  if (event.key === "Escape" && inField(event)) {
    document.querySelector("a[data-back]").click();
    done = true;
  } else if (!card || document.querySelector("details.menu[open]")) return;
  else if (typing && event.key === "Enter" && event.target.name === "text") {
    done = true;
    if (complete(card)) card.querySelector("button[name=confidence]").focus();
  } else if (!typing && /^[1-8]$/.test(key)) done = choose(card, Number(key) - 1);
  else if (!typing && key in SURE) {
    done = true;
    card.requestSubmit(card.querySelectorAll("button[name=confidence]")[SURE[key]]);
  } else if (event.key === "Enter" && !typing && inField(event)) {
    done = true; // a choice is no answer before it says how sure
    card.querySelector("button[name=confidence]").focus();
  }
  if (done) event.preventDefault();
});

window.addEventListener("pagehide", keep);
