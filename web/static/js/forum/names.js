// Whom to call while @… is typed in a text: a list under it. ↑↓ choose, Enter or Tab takes, Escape closes.

import { composing, modified } from "../typing.js";

const PAUSE = 120; // milliseconds
const CALL = /(?:^|[^\w/.@])@([\p{L}\p{N}_.·-]{1,20})$/u;

/** Give the text *area* of *box* a list of names. */
export function offerNames(box, area) {
  const list = box.querySelector("#names");
  const said = box.querySelector("[data-said]");
  let timer = 0;
  let chosen = 0;

  const options = () => [...list.children];
  const typed = () => CALL.exec(area.value.slice(0, area.selectionStart))?.[1];

  function close() {
    list.hidden = true;
    area.removeAttribute("aria-activedescendant");
  }

  function choose(place) {
    chosen = (place + list.children.length) % list.children.length;
    options().forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    area.setAttribute("aria-activedescendant", options()[chosen].id);
    options()[chosen].scrollIntoView({ block: "nearest" });
  }

  function take(option) {
    const end = area.selectionStart;
    const start = end - (typed() || "").length;
    area.setRangeText(`${option.dataset.call} `, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    close();
    area.focus();
  }

  function option(person, place) {
    const line = document.createElement("li");
    line.className = "suggestion";
    line.id = `name-${place}`;
    line.role = "option";
    line.dataset.call = person.call;
    const name = document.createElement("span");
    name.className = "suggestion-text";
    name.textContent = person.call === person.name ? person.name : `${person.name} (${person.call})`;
    const team = document.createElement("span");
    team.className = "suggestion-kind";
    team.textContent = person.team || "";
    line.append(name, team);
    return line;
  }

  async function ask() {
    const wanted = typed();
    if (!wanted) return close();
    try {
      const answer = await fetch(`${box.dataset.names}?${new URLSearchParams({ q: wanted })}`, {
        headers: { Accept: "application/json" },
      });
      const people = answer.ok ? await answer.json() : [];
      if (typed() !== wanted || document.activeElement !== area) return undefined;
      if (!people.length) return close();
      list.replaceChildren(...people.map(option));
      list.hidden = false;
      said.textContent = box.dataset.people.replace("{count}", people.length);
      choose(0);
    } catch {
      close(); // the network is gone: names can still be written out
    }
    return undefined;
  }

  area.setAttribute("aria-controls", list.id);
  area.setAttribute("aria-autocomplete", "list");
  area.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, PAUSE);
  });
  area.addEventListener("compositionend", () => {
    timer = setTimeout(ask, PAUSE);
  });
  area.addEventListener("keydown", (event) => {
    if (list.hidden || composing(event) || modified(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(chosen + step);
    else if (event.key === "Enter" || event.key === "Tab") take(options()[chosen]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  area.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const found = event.target.closest("li");
    if (found) take(found);
  });
}
