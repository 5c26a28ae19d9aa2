// The desk's list: results while somebody types, and the state of the whole screen in the address.
//
// Other parts of the house follow a call by these events on `document`; `detail` holds what is listed, and `call` (as the
// address names it, or null) in each:
//   desk:searched {query, total, took}        results that somebody stayed with, not those of half a word; took in ms
//   desk:opened   {entry, position, query}    a card was opened; position from 1, null where it was not in the list
//   desk:copied   {entry}                     the words to say were copied
//   desk:outcome  {entry, solved, reason}     how the call went; reason is null where it was solved
//   desk:corrected {entry, severity}          the card was said to be wrong; severity is p1, p2 or p3
//   desk:back     {}                          the server answers again
//   desk:ended    {}                          the call has ended

import * as call from "./call.js";
import * as card from "./card.js";
import { listen } from "./keys.js";
import { ask, complain, isOffline, post, readable, whenBack } from "./offline.js";
import * as state from "./state.js";
import { page, say, tell } from "./state.js";

const PAUSE = 120; // milliseconds after a key before the server is asked
const SLOW = 1000; // after so long the list says that it is still looking
const STAYED = 1500; // results that stand so long are a search, not half a word

const field = document.getElementById("q");
const list = document.querySelector("[data-list]");
const form = document.querySelector("[data-search]");
const scope = document.querySelector("[data-scope]");
const blank = document.querySelector("[data-blank-list]");
const keptList = document.querySelector("[data-kept]");

let planned = 0;
let settling = 0;
let slow = 0;
let asking = null;
let sequence = 0;
let shown = field.value.trim() ? state.search().toString() : ""; // the search whose results stand there
let noted = shown;
let ended = false; // the call: whoever types now has another customer, even with the same words
let loading = Promise.resolve();

export const links = () => [...list.querySelectorAll("[data-key] a")];

function show(content) {
  const focused = document.activeElement?.closest?.("[data-list] [data-key]")?.dataset.key;
  list.replaceChildren(content);
  list.scrollTop = 0;
  const again = focused && links().find((link) => link.closest("[data-key]").dataset.key === focused);
  if (again) again.focus({ preventScroll: true });
  else if (focused) field.focus();
}

function finished() {
  clearTimeout(slow);
  list.classList.remove("is-slow");
  list.removeAttribute("aria-busy");
}

/** What is open is marked, whatever the answer was made for. */
function mark() {
  for (const item of list.querySelectorAll("[data-key]")) {
    const here = item.dataset.key === state.open();
    item.classList.toggle("is-open", here);
    if (here) item.querySelector("a").setAttribute("aria-current", "true");
    else item.querySelector("a").removeAttribute("aria-current");
  }
}

/** The cards that can be read without the server, where results would stand. */
function showReadable() {
  const made = keptList.content.cloneNode(true);
  const items = made.querySelector("ol");
  for (const { key, title } of readable()) {
    const item = document.createElement("li");
    item.className = "desk-hit";
    item.dataset.key = key;
    const link = document.createElement("a");
    link.href = `${page.screen}?${new URLSearchParams({ open: key })}`;
    link.textContent = title;
    const heading = document.createElement("h3");
    heading.append(link);
    item.append(heading);
    items.append(item);
  }
  if (items.children.length) show(made);
  mark();
}

async function load() {
  clearTimeout(planned);
  clearTimeout(settling);
  asking?.abort();
  sequence += 1;
  const own = sequence;
  const wanted = state.search().toString();
  state.write();
  if (!state.words()) {
    asking = null;
    finished();
    shown = "";
    show(blank.content.cloneNode(true));
    say("");
    return;
  }
  asking = new AbortController();
  list.setAttribute("aria-busy", "true");
  clearTimeout(slow);
  slow = setTimeout(() => {
    list.classList.add("is-slow");
    list.dataset.slow = page.saySlow;
    say(page.saySlow);
  }, SLOW);
  try {
    const html = await ask(`${page.results}?${state.full()}`, { signal: asking.signal });
    // An answer to an older question may come late: it is not shown.
    if (own !== sequence) return;
    const made = document.createElement("template");
    made.innerHTML = html;
    shown = wanted;
    show(made.content);
    mark();
    say(list.querySelector("[data-said]").dataset.said);
    settling = setTimeout(settle, STAYED);
  } catch (error) {
    if (own !== sequence || error.name === "AbortError") return;
    if (isOffline()) {
      showReadable();
      whenBack(refresh);
    } else complain(error, refresh);
  } finally {
    if (own === sequence) finished();
  }
}

export function refresh() {
  loading = load();
  return loading;
}

function plan() {
  if (ended) noted = "";
  ended = false;
  clearTimeout(planned);
  clearTimeout(settling);
  asking?.abort();
  sequence += 1;
  planned = setTimeout(refresh, PAUSE);
}

/** What stands there is what somebody searched for: it goes into the search log, once. */
async function settle() {
  clearTimeout(settling);
  if (!shown || shown === noted) return;
  noted = shown;
  const { total, took } = list.querySelector("[data-said]")?.dataset ?? {};
  tell("searched", { query: new URLSearchParams(shown).get("q"), total: Number(total), took: Number(took) });
  try {
    await post(page.searches, new URLSearchParams(shown));
  } catch {
    // Figures may miss one; the agent has a caller.
  }
}

/** Results for what stands in the field, at once; then open the first. */
async function openFirst() {
  if (state.search().toString() !== shown) refresh();
  const wanted = state.search().toString();
  await loading;
  if (state.search().toString() !== wanted) return;
  const first = list.querySelector("[data-key]");
  if (first) openItem(first);
}

export function openItem(item) {
  settle();
  card.open(item.dataset.key, { position: links().indexOf(item.querySelector("a")) + 1 });
}

export async function reportGap() {
  if (!state.words()) return;
  clearTimeout(settling);
  noted = state.search().toString();
  try {
    await post(page.gaps, state.search());
    const form = list.querySelector("[data-gap]");
    const note = form && form.querySelector("[data-gap-note]");
    if (form) form.replaceChildren(page.sayGap, ...(note ? [note.content.cloneNode(true)] : []));
    say(page.sayGap);
  } catch (error) {
    complain(error, reportGap);
  }
}

// How the caller put it, when there is time for that: the gap is kept already, and counts once.
async function noteGap(form, note) {
  try {
    await post(page.gaps, [...state.search(), ["note", note], ["noted", "yes"]]);
    form.replaceChildren(page.sayGap);
    say(page.sayGap);
  } catch (error) {
    complain(error, () => noteGap(form, note));
  }
}

document.addEventListener("desk:ended", () => {
  ended = true;
});
field.addEventListener("input", (event) => {
  if (!event.isComposing) plan();
});
field.addEventListener("compositionstart", () => {
  clearTimeout(planned);
});
field.addEventListener("compositionend", plan);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  openFirst();
});

scope.addEventListener("change", async () => {
  refresh();
  try {
    await post(page.scopes, state.search());
  } catch (error) {
    complain(error, () => undefined);
  }
});

list.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-gap]")) return;
  event.preventDefault();
  const note = event.target.querySelector("[name=note]");
  if (!note) reportGap();
  else if (note.value.trim()) noteGap(event.target, note.value);
});

list.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const item = event.target.closest("[data-key]");
  const other = event.target.closest("[data-ask]");
  const unscope = event.target.closest("[data-unscope]");
  if (item) {
    event.preventDefault();
    openItem(item);
  } else if (other || unscope) {
    event.preventDefault();
    if (other) field.value = other.dataset.ask;
    else for (const choice of scope.querySelectorAll("select")) choice.value = "";
    refresh();
    field.focus();
  }
});

document.querySelector("[data-open]").addEventListener("click", (event) => {
  if (!event.target.closest("[data-close]")) return;
  event.preventDefault();
  backToList();
});

/** From the card to the list; on a phone, where it fills the screen, the card is closed. */
export function backToList() {
  const key = state.open();
  if (card.fillsScreen()) card.close();
  const link = links().find((other) => other.closest("[data-key]").dataset.key === key) ?? links()[0] ?? field;
  link.focus();
}

window.addEventListener("popstate", async () => {
  const before = shown;
  state.read();
  const opened = state.open();
  if (state.search().toString() !== before) await refresh();
  if (opened) await card.open(opened, { step: false });
  else {
    card.close({ step: false });
    field.focus();
  }
});

scope.classList.add("with-script");
state.write();
if (shown && !state.open()) {
  const { total, took } = list.querySelector("[data-said]").dataset;
  tell("searched", { query: state.words(), total: Number(total), took: Number(took) });
}
listen({ call, card, links, openItem, reportGap, backToList, field });
