// The desk by keyboard. Letters and digits act outside fields only, and nothing acts while an input method composes.

import { composing, inField, modified } from "../typing.js";
import { page } from "./state.js";

const help = document.querySelector("[data-help-panel]");
const helpButton = document.querySelector("[data-help]");
const menu = document.querySelector("details.menu");

export function toggleHelp() {
  if (help.open) help.close();
  else help.showModal();
}

function move(links, field, step) {
  const here = links.indexOf(document.activeElement);
  if (here < 0 && step < 0) return false;
  if (here + step < 0) {
    field.focus();
    return true;
  }
  const next = links[Math.min(here + step, links.length - 1)];
  if (!next) return false;
  next.focus({ preventScroll: true });
  next.closest("[data-key]").scrollIntoView({ block: "nearest" });
  return true;
}

/** Escape, from the inside out; returns whether it meant anything. */
function back({ call, card, field, backToList }) {
  if (menu?.open) return false; // keys.js closes it
  if (call.fold()) return true;
  if (card.fold()) return true;
  if (card.holdsFocus() || card.fillsScreen()) backToList();
  else if (document.activeElement !== field) {
    field.focus();
    field.select();
  } else return false; // the browser empties the field
  return true;
}

function letter(key, { call, card, reportGap }) {
  if (key === "?") toggleHelp();
  else if (key === "c") card.copyScript();
  else if (key === "g") reportGap();
  else if (key === "e") return call.unfold();
  else if (key === "s") location.assign(page.studyPage);
  else if (/^[1-9]$/.test(key)) return card.digit(Number(key));
  else return false;
  return true;
}

/** Take keys for the parts given. In the capturing phase: before keys.js, which would leave the page. */
export function listen(parts) {
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.defaultPrevented || composing(event) || modified(event)) return;
      if (help.open) {
        if (event.key === "?") {
          event.preventDefault();
          help.close();
        }
        return; // Escape and Tab are the dialog's own
      }
      const { field } = parts;
      const atField = event.target === field;
      let done = false;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const inList = parts.links().includes(document.activeElement);
        const nowhere = document.activeElement === document.body;
        if (atField || inList || nowhere) done = move(parts.links(), field, event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Escape") {
        done = (!inField(event) || atField) && back(parts);
      } else if (!inField(event) && !event.repeat && !parts.call.holds(event.target)) {
        done = letter(event.key.toLowerCase(), parts);
      }
      if (done) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    true,
  );
}

helpButton.hidden = false;
helpButton.addEventListener("click", toggleHelp);
help.addEventListener("click", (event) => {
  if (event.target === help) help.close();
});
