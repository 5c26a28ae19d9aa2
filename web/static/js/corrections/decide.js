// Corrections by keyboard: S suspends and K keeps the entry of the row that has the focus (or the page's own); 1, 2 and 3
// choose the conclusion on the page of one. The arrows in the queue are results.js's.

import { composing, inField, modified } from "../typing.js";

let sent = false;

function button(key) {
  const row = document.activeElement.closest("[data-results] > li");
  return (row || document.getElementById("main")).querySelector(`button[data-key="${key}"]`);
}

document.addEventListener("keydown", (event) => {
  const typing = inField(event) && event.target.type !== "radio";
  if (event.defaultPrevented || event.repeat || composing(event) || modified(event) || typing) return;
  const key = event.key.toLowerCase();
  if (key === "s" || key === "k") {
    const found = button(key);
    if (!found || sent) return;
    event.preventDefault();
    found.click();
  } else if (/^[1-3]$/.test(key)) {
    const choice = document.querySelector(`input[data-choice="${key}"]`);
    if (!choice) return;
    event.preventDefault();
    choice.checked = true;
    (choice.value === "uphold" ? choice : document.getElementById("reason")).focus();
  }
});

// A second key before the answer has come would only be the same again.
document.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});

window.addEventListener("pageshow", () => {
  sent = false;
});
