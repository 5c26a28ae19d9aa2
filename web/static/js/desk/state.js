// What the desk is about now: the words, the scope, the open card, the call. The address always holds it.

const given = document.querySelector("[data-desk]");
const field = document.getElementById("q");
const scope = document.querySelector("[data-scope]");

/** Addresses and texts that the page brought along. */
export const page = given.dataset;

const started = new URLSearchParams(location.search);
const state = { open: started.get("open") || "", call: page.callName };

export const words = () => field.value.trim().replace(/\s+/g, " ");
export const open = () => state.open;
export const call = () => state.call;

/** The search as it stands in an address; the same on every call. */
export function search() {
  const found = new URLSearchParams({ q: words() });
  for (const name of ["region", "module", "product"]) found.set(name, scope.elements[name].value);
  return found;
}

export function full() {
  const found = search();
  if (state.call) found.set("call", state.call);
  if (state.open) found.set("open", state.open);
  return found;
}

/** Put the state into the address: as a new step to go back from, or in place of the one before. */
export function write({ step = false } = {}) {
  const address = `${page.screen}?${full()}`;
  if (step) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

export function setOpen(key) {
  state.open = key;
  for (const form of document.querySelectorAll("[data-scope], [data-search]")) {
    const held = form.elements.open;
    if (held) held.value = key;
  }
}

/** The desk is on another call: its reference, or the telephone system's name for it. */
export function setCall(name) {
  state.call = name;
  write();
}

/** Take over what the address says, after somebody went back or forward. */
export function read() {
  const said = new URLSearchParams(location.search);
  field.value = said.get("q") || "";
  for (const name of ["region", "module", "product"]) if (said.has(name)) scope.elements[name].value = said.get(name);
  state.open = said.get("open") || ""; // the call stays: back is a step of this one
}

/** Tell whoever listens (calls, figures); search.js lists the events. */
export function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(`desk:${name}`, { detail: { ...detail, call: state.call || null } }));
}

export function say(text) {
  document.querySelector("[data-status]").textContent = text;
}
