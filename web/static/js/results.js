// Walking through a list by keyboard: arrows move the focus from link to link, Enter follows it (a link's own doing),
// Escape returns to the search field. Coming back from a result puts the focus where it was.

import { composing, inField, modified } from "./typing.js";

const field = document.getElementById("q");
const links = [...document.querySelectorAll("[data-results] > li :is(h2 a, a:first-child)")].filter(
  (link, index, all) => all.findIndex((other) => other.closest("li") === link.closest("li")) === index,
);

function focus(link) {
  link.focus({ preventScroll: true });
  link.closest("li").scrollIntoView({ block: "nearest" });
}

function move(step) {
  const here = links.indexOf(document.activeElement);
  if (here + step < 0 && field) field.focus();
  else focus(links[Math.min(here + step, links.length - 1)]);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || composing(event) || modified(event) || !links.length) return;
  const elsewhere = inField(event) && event.target !== field;
  if (elsewhere) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (event.key === "ArrowUp" && event.target === field) return;
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Escape" && field && links.includes(document.activeElement)) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});

// After the load: the browser first goes to the address's fragment itself, which takes the focus away.
window.addEventListener("load", () => {
  const returned = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const again = links.find((link) => link.closest("li") === returned);
  if (again) focus(again);
});

for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
  form.classList.add("submits-itself");
  form.addEventListener("change", () => form.requestSubmit());
}
