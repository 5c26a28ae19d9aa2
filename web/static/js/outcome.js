// Saying whether the entry solved the call: 1 solved, 2 opens the reasons for "not solved" and goes to the first one.

import { composing, inField, modified } from "./typing.js";

const form = document.querySelector("[data-outcome] form");
const reasons = form.querySelector("details");

function onKey(event) {
  if (event.defaultPrevented || event.repeat || composing(event) || modified(event) || inField(event)) return;
  if (event.key === "1") {
    event.preventDefault();
    form.querySelector("[data-solved]").click();
  } else if (event.key === "2") {
    event.preventDefault();
    reasons.open = true;
    reasons.querySelector("button").focus();
  } else if (event.key === "Escape" && reasons.open) {
    event.preventDefault();
    reasons.open = false;
    reasons.querySelector("summary").focus();
  }
}

// Before keys.js: Escape closes the reasons first, and leaves the entry the second time.
document.addEventListener("keydown", onKey, true);

// A second click before the answer has come would only be the same again.
form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});

window.addEventListener("pageshow", () => {
  delete form.dataset.sent;
});
