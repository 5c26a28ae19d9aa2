// The queue of proposed wordings by keyboard: A accepts and R rejects the row that has the focus, U undoes the last
// decision. The arrows are results.js's.

import { composing, inField, modified } from "./typing.js";

const rows = [...document.querySelectorAll("[data-results] > li")];
let sent = false;

function button(key) {
  if (key === "u") return document.querySelector("button[data-key=u]");
  const row = rows.find((item) => item.contains(document.activeElement)) || rows[0];
  return row ? row.querySelector(`button[data-key=${key}]`) : null;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.repeat || composing(event) || modified(event) || inField(event)) return;
  const key = event.key.toLowerCase();
  if (!["a", "r", "u"].includes(key)) return;
  const found = button(key);
  if (!found || sent) return;
  event.preventDefault();
  found.click();
});

// One decision a page: the next page has the next row in focus.
document.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});

// Whoever comes back to this page from the browser's memory may decide again.
window.addEventListener("pageshow", () => {
  sent = false;
});

// results.js focuses the row that the address names; without one it is the first.
window.addEventListener("load", () => {
  if (rows.length && !rows.some((row) => row.contains(document.activeElement))) rows[0].querySelector("a").focus();
});
