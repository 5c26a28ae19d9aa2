// Copying the words to say: by button, or by the key C outside fields.

import { composing, inField, modified } from "./typing.js";

const SHOWN_MS = 2500;
const button = document.querySelector("button[data-copy]");

/** navigator.clipboard exists on HTTPS only, and many centres run on plain HTTP inside their own network. */
async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "off-screen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser refused to copy");
  return undefined;
}

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
