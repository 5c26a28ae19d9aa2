// Keys of every page: "/" goes to the search field, Escape goes back from what a search led to.

import { composing, inField, modified } from "./typing.js";

const field = document.getElementById("q");
const back = document.querySelector("a[data-back]");
const menu = document.querySelector("details.menu");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || composing(event) || modified(event)) return;
  if (event.key === "/" && field && !inField(event)) {
    event.preventDefault();
    field.focus();
    field.select();
  } else if (event.key === "Escape" && menu && menu.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (event.key === "Escape" && back && !inField(event)) {
    back.click();
  }
});

document.addEventListener("click", (event) => {
  if (menu && menu.open && !menu.contains(event.target)) menu.open = false;
});
