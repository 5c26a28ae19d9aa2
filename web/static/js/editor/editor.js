// The editor's page: what is written keeps itself (keeping.js), what it comes to is shown beside it (beside.js), keys.

import { refresh } from "./beside.js";
import { fillBlanks } from "./blanks.js";
import { followFreshness } from "./due.js";
import { form, keep, onKept, start, submitting } from "./keeping.js";
import { composing } from "../typing.js";

const kind = form.elements.kind;
const keepButton = form.querySelector("[data-keep]");
const submitButton = form.querySelector("[data-submit]");

/** Say how long a line is against what the standard asks for. */
function count(field) {
  const length = [...field.value].length;
  const note = field.parentElement.querySelector("[data-length]") ?? field.insertAdjacentElement("afterend", document.createElement("span"));
  note.dataset.length = "";
  note.className = length > Number(field.dataset.max) ? "editor-length is-over" : "editor-length";
  note.textContent = form.dataset.sayLength.replace("{count}", length).replace("{max}", field.dataset.max);
}

for (const field of form.querySelectorAll("[data-max]")) {
  count(field);
  for (const event of ["input", "filled"]) field.addEventListener(event, () => count(field));
}

// Another kind has other fields and hints: the page is made anew, with what was written.
kind.addEventListener("change", () => submitting());

document.addEventListener("keydown", (event) => {
  if (composing(event) || event.altKey) return;
  const held = event.ctrlKey || event.metaKey;
  if (held && event.key === "Enter") {
    event.preventDefault();
    form.requestSubmit(submitButton);
  } else if (held && event.key.toLowerCase() === "s") {
    event.preventDefault();
    keep();
  } else if (event.key === "Enter" && event.target.matches("#editor input:not([type=checkbox], [type=radio])")) {
    event.preventDefault(); // a line that is done is not the whole
    keep();
  }
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submitting(event.submitter ?? keepButton);
});

fillBlanks(form);
followFreshness();
onKept(refresh);
start();
refresh();
