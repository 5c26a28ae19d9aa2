// What stands beside the form, made by the server from what it has kept: the card as the desk will show it and the
// writing standard at once, the places in search a moment later, since each wording is a search.

import { form } from "./keeping.js";

const LATER = 600; // milliseconds

const parts = { look: null, found: null }; // the request that is under way
let timer = 0;

async function show(name) {
  parts[name]?.abort();
  const asking = new AbortController();
  parts[name] = asking;
  const place = document.querySelector(`[data-beside="${name}"]`);
  try {
    const answer = await fetch(form.dataset[name], { signal: asking.signal, headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok || answer.redirected) return;
    const made = document.createElement("template");
    made.innerHTML = await answer.text();
    place.replaceChildren(made.content);
  } catch (error) {
    // Without the server what was shown last stays; the next time it keeps something, this is asked again.
    if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
  }
}

/** Ask for both parts anew. */
export function refresh() {
  show("look");
  clearTimeout(timer);
  timer = setTimeout(() => show("found"), LATER);
}

// What is handed in is no working copy any more: nothing can be asked about it.
form.addEventListener("leaving", () => {
  clearTimeout(timer);
  for (const asking of Object.values(parts)) asking?.abort();
});
