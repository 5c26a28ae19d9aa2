// What there is already, while a title is typed: entries and threads that may make the question needless.

import { composing } from "../typing.js";

const PAUSE = 250; // milliseconds: a look aside, not a suggestion for each key

const field = document.querySelector("[data-similar]");
const box = document.querySelector("[data-similar-box]");
const list = document.querySelector("[data-similar-list]");
const said = document.querySelector("[data-similar-said]");

let timer = 0;
let asking = null;

function item(kind, found) {
  const line = document.createElement("li");
  const tag = document.createElement("span");
  tag.className = "tag";
  tag.textContent = found.kind || list.dataset[kind];
  const link = document.createElement("a");
  link.href = found.url;
  link.target = "_blank"; // what was typed stays
  link.rel = "noopener";
  link.textContent = found.title;
  line.append(tag, link);
  if (found.answer) {
    const answer = document.createElement("p");
    answer.className = "quiet";
    answer.textContent = found.answer;
    line.append(answer);
  }
  return line;
}

function show({ entries, threads }) {
  const lines = [...entries.map((found) => item("entry", found)), ...threads.map((found) => item("thread", found))];
  list.replaceChildren(...lines);
  box.hidden = lines.length === 0;
  said.textContent = lines.length ? said.dataset.text.replace("{count}", lines.length) : "";
}

async function ask() {
  asking?.abort();
  const title = field.value.trim();
  if (title.length < 2) {
    show({ entries: [], threads: [] });
    return;
  }
  asking = new AbortController();
  try {
    const address = `${field.dataset.similar}?${new URLSearchParams({ title })}`;
    const answer = await fetch(address, { signal: asking.signal, headers: { Accept: "application/json" } });
    if (answer.ok && field.value.trim() === title) show(await answer.json());
  } catch {
    // Stopped, or the network is gone: nothing is shown, and writing goes on.
  }
}

function plan() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

field.addEventListener("input", (event) => {
  if (!composing(event)) plan();
});
field.addEventListener("compositionend", plan);
if (field.value) ask();
