// Saying that the open card is wrong: 3, a digit for how bad it is, what is wrong, Ctrl+Enter. What can't be sent now is
// kept in this tab, and sent when the server is back; forget.js forgets it with the cards.

import { composing } from "../typing.js";
import { fold, renew, severity } from "./card.js";
import { complain, post } from "./offline.js";
import { open, page, say, tell } from "./state.js";

const STORE = `zhihui-desk:corrections:${page.person}`;
const TRIES = 3; // of one that the server refuses

const pane = document.querySelector("[data-open]");
let quoted = { key: "", text: "" };

/** A name of its own for each report, so that one which is sent twice is one. Works without HTTPS. */
function token() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE)) || [];
  } catch {
    return [];
  }
}

function store(waiting) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(waiting));
    return true;
  } catch {
    return false; // a full or forbidden store: the form keeps its text
  }
}

function said(text) {
  const line = pane.querySelector(".desk-feedback-said");
  if (line) line.textContent = text;
  say(text);
}

async function send(form) {
  if (form.dataset.sending) return;
  form.dataset.sending = "yes";
  form.dataset.token ??= token();
  const key = open();
  const report = { key, address: form.action, fields: { ...Object.fromEntries(new FormData(form)), token: form.dataset.token } };
  try {
    const html = await post(report.address, report.fields);
    if (html) renew(key, html);
    else fold();
    said(page.sayCorrected);
    tell("corrected", { entry: key, severity: report.fields.severity });
  } catch (error) {
    if (error.gone && store([...kept(), { ...report, tries: 0 }])) {
      fold();
      form.reset();
      delete form.dataset.token;
      said(page.sayCorrectionKept);
    } else if (error.gone) said(page.sayNotRecorded);
    else complain(error, () => send(form));
  }
  delete form.dataset.sending;
}

let flushing = false;

/** Send what waits, the oldest first. */
async function flush() {
  if (flushing) return;
  flushing = true;
  for (let waiting = kept(); waiting.length; waiting = kept()) {
    const [first, ...rest] = waiting;
    try {
      await post(first.address, first.fields);
      store(rest);
      said(page.sayCorrected);
    } catch (error) {
      if (!error.gone) {
        store(first.tries + 1 < TRIES ? [{ ...first, tries: first.tries + 1 }, ...rest] : rest);
        complain(error, flush);
      }
      break;
    }
  }
  flushing = false;
}

function quote(panel) {
  const field = panel.querySelector("[name=passage]");
  const text = quoted.key === open() ? quoted.text : "";
  if (!text || field.value) return;
  field.value = text.slice(0, field.maxLength);
  panel.querySelector("[data-quoted]").hidden = false;
}

// Opening the form takes the marks off the words: they are remembered while they are there.
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const text = selection.toString().trim();
  const place = selection.anchorNode && (selection.anchorNode.parentElement ?? selection.anchorNode);
  if (text && place?.closest("[data-card]") && !place.closest("[data-feedback]")) quoted = { key: open(), text };
});

pane.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches("[data-panel='3']") && event.target.open) quote(event.target);
  },
  true, // it does not bubble
);

pane.addEventListener("keydown", (event) => {
  const panel = event.target.closest("[data-panel='3']");
  if (!panel || event.defaultPrevented || composing(event)) return;
  const form = document.getElementById("desk-correction");
  let done = true;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  else if (event.key === "Escape") {
    fold();
    pane.querySelector("[data-card-title]").focus({ preventScroll: true });
  } else if (event.target.type === "radio" && event.key === "Enter") panel.querySelector("textarea").focus();
  else if (event.target.type === "radio" && /^[1-3]$/.test(event.key)) done = severity(panel, Number(event.key));
  else done = false;
  if (done) event.preventDefault();
});

pane.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-correction]")) return;
  event.preventDefault();
  send(event.target);
});

document.addEventListener("desk:back", flush);
flush();
