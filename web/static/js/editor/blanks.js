// The blanks of a template, 【待填：…】: one click on a blank selects all of it, so that the next key replaces it; F2 goes on
// to the next one, wherever in the form it stands.

import { composing } from "../typing.js";

const BLANK = /【待填：[^【】\n]{0,200}】/g;
const FIELDS = "textarea, input:not([type]), input[type=text]";

const blanks = (field) => [...field.value.matchAll(BLANK)].map((found) => [found.index, found.index + found[0].length]);

function select(field, [start, end]) {
  field.closest("details")?.setAttribute("open", "");
  field.focus();
  // A text longer than its box does not scroll to what is selected, but to where it is typed.
  field.setSelectionRange(start, start);
  field.blur();
  field.focus();
  field.setSelectionRange(start, end);
}

/** Select the next blank after where the cursor stands, from the first again after the last; false if there is none. */
function next(form) {
  const fields = [...form.querySelectorAll(FIELDS)];
  const here = fields.indexOf(document.activeElement);
  const after = here < 0 ? 0 : fields[here].selectionEnd;
  const all = fields.flatMap((field, place) => blanks(field).map((blank) => ({ field, place, blank })));
  const found = all.find(({ place, blank }) => place > here || (place === here && blank[0] >= after)) ?? all[0];
  if (found) select(found.field, found.blank);
  return Boolean(found);
}

/** Let the blanks in `form` be filled one after the other. */
export function fillBlanks(form) {
  form.addEventListener("click", ({ target }) => {
    if (!target.matches(FIELDS) || target.selectionStart !== target.selectionEnd) return;
    const at = target.selectionStart;
    const around = blanks(target).find(([start, end]) => start < at && at < end);
    if (around) target.setSelectionRange(...around);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F2" || composing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (next(form)) event.preventDefault();
  });
}
