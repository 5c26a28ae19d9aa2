// Buttons and links that name a key (data-press) are pressed by it, outside fields and never while composing.

import { composing, inField, modified } from "./typing.js";

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.repeat || composing(event) || modified(event) || inField(event)) return;
  const found = document.querySelector(`[data-press="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!found) return;
  event.preventDefault();
  found.click();
});
