// Proposed words: arrows move between them, Y takes the word, N never wants to see it again.

import { composing, inField, modified } from "./typing.js";

const list = document.querySelector("[data-proposals]");
const rows = list ? [...list.querySelectorAll("[data-proposal]")] : [];

// One of them can be reached with Tab, the others with the arrows.
function enter(row) {
  for (const other of rows) other.tabIndex = other === row ? 0 : -1;
  row.focus();
}

if (rows.length) {
  rows[0].tabIndex = 0;
  // Back from the one before. The browser takes the focus away when it scrolls to the address's fragment, so after that.
  if (location.hash === "#proposals") addEventListener("load", () => requestAnimationFrame(() => enter(rows[0])));
}

list?.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-proposal]");
  for (const other of rows) other.tabIndex = other === row ? 0 : -1;
});

list?.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || composing(event) || modified(event) || inField(event)) return;
  const at = rows.indexOf(event.target.closest("[data-proposal]"));
  if (at < 0) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step !== undefined) {
    event.preventDefault();
    if (rows[at + step]) enter(rows[at + step]);
    return;
  }
  const button = rows[at].querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (button) {
    event.preventDefault();
    rows[at].requestSubmit(button);
  }
});
