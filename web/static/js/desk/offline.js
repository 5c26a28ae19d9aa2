// Asking the server, and going on when it does not answer: says since when, tries again, and keeps the cards that were
// opened readable. They are kept for this person, in this tab, until they sign out (forget.js).

import { page, say, tell } from "./state.js";

const PAUSE = 2000; // milliseconds between two tries while the server is away
const KEPT = 20; // cards
const STORE = `zhihui-desk:${page.person}`;

const trouble = document.querySelector("[data-trouble]");
let since = null;
let timer = 0;
let again = null; // what to do once the server is back
let failed = false;

/** The server did not answer, or answered that it can't: `text` says it to the person. */
export class Trouble extends Error {
  constructor(text, { gone = false } = {}) {
    super(text);
    this.gone = gone;
  }
}

const clock = (at) => new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });

function show(text) {
  trouble.querySelector("[data-trouble-text]").textContent = text;
  trouble.hidden = false;
}

function hide() {
  trouble.hidden = true;
  failed = false;
}

async function probe() {
  clearTimeout(timer);
  try {
    const answer = await fetch(page.alive, { cache: "no-store" });
    if (answer.ok) return recovered();
  } catch {
    // Still away: the next try comes.
  }
  timer = setTimeout(probe, PAUSE);
  return undefined;
}

function recovered() {
  since = null;
  clearTimeout(timer);
  hide();
  say(page.sayBack);
  document.body.classList.remove("is-offline");
  const waiting = again;
  again = null;
  if (waiting) waiting();
  tell("back", {});
}

function lost() {
  if (since !== null) return;
  since = Date.now();
  document.body.classList.add("is-offline");
  show(page.sayOffline.replace("{time}", clock(since)));
  timer = setTimeout(probe, PAUSE);
}

export const isOffline = () => since !== null;

/** What to do once the server is back; the last one counts. */
export function whenBack(action) {
  again = action;
}

/** Say that something went wrong other than the connection. `retry` is what its button does. */
export function complain(error, retry) {
  if (error.gone) return;
  failed = true;
  again = retry;
  show(error.message);
}

/** Fetch a part of the page as text. Throws Trouble, or AbortError where `signal` says so. */
export async function ask(address, options = {}) {
  let answer;
  let text;
  try {
    answer = await fetch(address, { ...options, headers: { "X-Requested-With": "fetch", ...options.headers } });
    text = await answer.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    lost();
    throw new Trouble(page.sayOffline, { gone: true });
  }
  if (since !== null) recovered();
  if (answer.redirected && new URL(answer.url).pathname === new URL(page.signIn, location.href).pathname) {
    throw new Trouble(page.saySignedOut);
  }
  if (answer.status === 404) throw new Trouble(page.sayMissing);
  if (answer.status === 503) throw new Trouble(page.sayBuilding);
  if (!answer.ok) throw new Trouble(page.sayFailed);
  if (failed) hide();
  return text;
}

/** Send a form's worth of fields; the token goes along. */
export function post(address, fields) {
  const body = new URLSearchParams(fields);
  body.set("csrf_token", page.token);
  return ask(address, { method: "POST", body });
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE)) || [];
  } catch {
    return [];
  }
}

/** Keep the card of `key` readable. A full or forbidden store only means that less is kept. */
export function keep(key, title, html) {
  let cards = [{ key, title, html, at: Date.now() }, ...kept().filter((card) => card.key !== key)].slice(0, KEPT);
  while (cards.length) {
    try {
      sessionStorage.setItem(STORE, JSON.stringify(cards));
      return;
    } catch {
      cards = cards.slice(0, -1);
    }
  }
}

/** The card of `key` as it was when it was last opened here, with when that was; undefined if it never was. */
export function recall(key) {
  const found = kept().find((card) => card.key === key);
  return found && { ...found, time: clock(found.at) };
}

/** Key and title of the cards that can be read without the server, the last opened first. */
export const readable = () => kept().map(({ key, title }) => ({ key, title }));

trouble.querySelector("[data-retry]").addEventListener("click", () => {
  if (since !== null) probe();
  else {
    hide();
    const waiting = again;
    again = null;
    if (waiting) waiting();
  }
});
window.addEventListener("online", () => since !== null && probe());
