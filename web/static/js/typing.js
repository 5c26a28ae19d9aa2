// Whether a key press is text on its way into a field, and so none of a shortcut's business.

const FIELDS = "input, textarea, select, [contenteditable]";

/** True while an input method is composing: its keys choose characters. 229 is how older engines say so. */
export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

export function modified(event) {
  return event.ctrlKey || event.metaKey || event.altKey;
}

export function inField(event) {
  return event.target instanceof Element && event.target.matches(FIELDS);
}
