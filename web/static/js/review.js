// The page of one entry under review: 1, 2 and 3 choose the decision; what is marked in the text becomes the quote of a
// remark; the words that open remarks quote are lit up in the text.

import { composing, inField, modified } from "./typing.js";

const text = document.querySelector("[data-review-text]");
const quote = document.getElementById("quote");

document.addEventListener("keydown", (event) => {
  const typing = inField(event) && event.target.type !== "radio";
  if (event.defaultPrevented || event.repeat || composing(event) || modified(event) || typing) return;
  if (!/^[1-3]$/.test(event.key)) return;
  const choice = document.querySelector(`input[data-choice="${event.key}"]`);
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  (choice.value === "approve" ? choice : document.getElementById("reason")).focus();
});

// What was deleted is not in the revision: it can't be quoted.
function marked() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return "";
  const range = selection.getRangeAt(0);
  if (!text || !text.contains(range.commonAncestorContainer)) return "";
  const part = range.cloneContents();
  part.querySelectorAll("del, .visually-hidden, h3").forEach((node) => node.remove());
  return part.textContent.trim().slice(0, 500);
}

document.addEventListener("selectionchange", () => {
  const words = marked();
  if (quote && words) quote.value = words;
});

function find(section, words) {
  const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest("del, .visually-hidden, h3") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  const places = [];
  let said = "";
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (let offset = 0; offset < node.length; offset += 1) {
      if (/\s/.test(node.data[offset])) continue;
      places.push([node, offset]);
      said += node.data[offset];
    }
  }
  const wanted = words.replace(/\s/g, "");
  const start = said.indexOf(wanted);
  if (!wanted || start < 0) return null;
  const range = new Range();
  range.setStart(...places[start]);
  const [last, offset] = places[start + wanted.length - 1];
  range.setEnd(last, offset + 1);
  return range;
}

if (text && globalThis.Highlight && CSS.highlights) {
  const ranges = [...document.querySelectorAll("[data-quote]")].map((item) => {
    const section = text.querySelector(`[data-part="${item.dataset.in}"]`);
    return section && find(section, item.dataset.quote);
  });
  CSS.highlights.set("remarks", new Highlight(...ranges.filter(Boolean)));
}
