// Suggestions under the search field while somebody types: a combobox with a list to choose from. ↑↓ choose, Enter or a
// click opens, Escape closes; Enter with nothing chosen searches for what was typed. Without this, the field just searches.

import { composing, modified } from "./typing.js";

const PAUSE = 60; // milliseconds between two keys of somebody who is still typing

const field = document.querySelector("input[data-suggest]");
const list = document.getElementById("suggestions");
const pattern = document.getElementById("suggestion");
const status = document.getElementById("suggestions-status");

let timer = 0;
let asking = null; // what stops the question that is on its way
let answered = ""; // what the list was made for
let chosen = -1;

const options = () => [...list.children];
const isOpen = () => !list.hidden;

function choose(place) {
  const all = options();
  if (all[chosen]) all[chosen].setAttribute("aria-selected", "false");
  chosen = place;
  if (all[chosen]) {
    all[chosen].setAttribute("aria-selected", "true");
    all[chosen].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", all[chosen].id);
  } else {
    field.removeAttribute("aria-activedescendant");
  }
}

function open() {
  if (!list.children.length || document.activeElement !== field) return;
  list.hidden = false;
  field.setAttribute("aria-expanded", "true");
  status.textContent = status.dataset.text.replace("{count}", list.children.length);
}

function close() {
  list.hidden = true;
  choose(-1);
  field.setAttribute("aria-expanded", "false");
  status.textContent = "";
}

/** Forget what is planned or on its way: an answer to it would come too late. */
function stop() {
  clearTimeout(timer);
  if (asking) asking.abort();
  asking = null;
}

/** The text of a suggestion, what was typed marked in it. Places count characters, not JavaScript's halves of them. */
function marked(text, mark) {
  if (!mark) return [text];
  const characters = Array.from(text);
  const typed = document.createElement("mark");
  typed.textContent = characters.slice(mark[0], mark[1]).join("");
  return [characters.slice(0, mark[0]).join(""), typed, characters.slice(mark[1]).join("")];
}

function option(suggestion, place) {
  const item = pattern.content.firstElementChild.cloneNode(true);
  const [text, title, kind] = item.children;
  item.id = `suggestion-${place}`;
  item.dataset.kind = suggestion.kind;
  item.dataset.url = suggestion.url;
  text.append(...marked(suggestion.text, suggestion.mark));
  if (suggestion.kind === "wording") title.textContent = suggestion.title;
  else title.remove();
  const thread = new FormData(field.form).get("source") === "thread";
  kind.textContent = kind.dataset[thread ? "thread" : suggestion.kind];
  return item;
}

function show(suggestions, typed) {
  choose(-1);
  list.replaceChildren(...suggestions.map(option));
  answered = typed;
  if (suggestions.length) open();
  else close();
}

async function ask() {
  stop();
  const typed = field.value;
  if (!typed.trim()) {
    show([], typed);
    return;
  }
  const own = new AbortController();
  asking = own;
  const wanted = `${field.dataset.suggest}?${new URLSearchParams(new FormData(field.form))}`;
  try {
    const answer = await fetch(wanted, { signal: own.signal, headers: { Accept: "application/json" } });
    const suggestions = answer.ok ? await answer.json() : [];
    if (asking === own && field.value === typed) show(suggestions, typed);
  } catch (error) {
    // Stopped, or the network is gone: the field still searches, and the next key asks again.
    if (error.name !== "AbortError" && asking === own) close();
  } finally {
    if (asking === own) asking = null;
  }
}

function plan() {
  stop();
  timer = setTimeout(ask, PAUSE);
}

function accept(item) {
  stop();
  close();
  location.assign(item.dataset.url);
}

function move(step) {
  const places = list.children.length + 1; // one of them is the field itself
  choose(((chosen + 1 + step + places) % places) - 1);
}

function onKey(event) {
  if (composing(event) || modified(event)) return;
  const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!isOpen()) {
    // On a page with results the arrows walk through them; elsewhere they bring the list back.
    const again = arrow && field.value && field.value === answered && !document.querySelector("[data-results]");
    if (again && list.children.length) {
      event.preventDefault();
      open();
    } else if (event.key === "Enter" || arrow) {
      stop();
    }
    return;
  }
  if (arrow) {
    event.preventDefault();
    move(arrow);
  } else if (event.key === "Escape") {
    event.preventDefault();
    stop();
    close();
  } else if (event.key === "Enter") {
    stop();
    if (options()[chosen]) {
      event.preventDefault();
      accept(options()[chosen]);
    } else {
      close();
    }
  }
}

if (field && list) {
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");
  field.addEventListener("input", (event) => {
    if (event.isComposing) stop();
    else plan();
  });
  field.addEventListener("compositionstart", () => {
    stop();
    close();
  });
  field.addEventListener("compositionend", plan);
  field.addEventListener("keydown", onKey);
  field.addEventListener("blur", () => {
    stop();
    close();
  });
  // The field keeps the focus, and with it the list, while somebody presses on a suggestion.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) accept(item);
  });
  // A page that comes back from the browser's memory has nothing open.
  window.addEventListener("pagehide", () => {
    stop();
    close();
  });
}
