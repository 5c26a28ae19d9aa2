// Copying the words to say: by button, or by the key C outside fields.

import { copy } from "./clipboard.js";
import { composing, inField, modified } from "./typing.js";

const SHOWN_MS = 2500;
const button = document.querySelector("button[data-copy]");

if (button) {
  const label = button.querySelector("[data-copy-label]");
  const rest = label.textContent;
  const source = document.getElementById(button.dataset.copy);
  let timer;

  const run = async () => {
    let said = source.querySelector(".placeholder") ? button.dataset.unfinished : button.dataset.done;
    try {
      await copy(source.innerText.trim());
    } catch {
      said = button.dataset.failed;
    }
    label.textContent = said;
    clearTimeout(timer);
    timer = setTimeout(() => {
      label.textContent = rest;
    }, SHOWN_MS);
  };

  button.hidden = false;
  button.addEventListener("click", run);
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "c" || composing(event) || modified(event) || inField(event)) return;
    event.preventDefault();
    run();
  });
}
