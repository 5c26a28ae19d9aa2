// A field that names entries: they are chosen by what they say, as agents search, and stand there by their titles. What is
// sent are their keys, in the field itself, which stays there to be typed into where scripts don't run.

import { composing, modified } from "./typing.js";

const PAUSE = 150; // milliseconds between two keys of somebody who is still typing

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

class Picker {
  constructor(box) {
    this.box = box;
    this.field = box.querySelector("input, textarea");
    this.many = box.hasAttribute("data-many");
    this.titles = JSON.parse(box.dataset.titles);
    const early = document.activeElement === this.field ? this.field.value : ""; // typed before this script was there
    this.keys = early ? [] : this.field.value.split(/[\s,，、;；]+/).filter(Boolean);
    this.place = -1;
    this.timer = 0;
    this.asking = null;
    this.hurried = false; // Enter came before what it chooses from
    this.build();
    this.draw();
    if (early) {
      this.text.value = early;
      this.text.focus();
      this.plan();
    }
  }

  build() {
    const { field, box } = this;
    this.chosen = element("ul", "picked");
    this.text = element("input", "form-control");
    this.text.type = "text";
    this.text.autocomplete = "off";
    this.text.placeholder = box.dataset.hint;
    this.text.id = field.id;
    field.removeAttribute("id");
    this.list = element("ul", "suggestions");
    this.list.id = `${this.text.id}-offered`;
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", box.dataset.offered);
    this.said = element("p", "visually-hidden");
    this.said.setAttribute("role", "status");
    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-controls": this.list.id, "aria-expanded": "false" };
    for (const [name, value] of Object.entries(attributes)) this.text.setAttribute(name, value);
    for (const name of ["aria-invalid", "aria-describedby"]) {
      if (field.hasAttribute(name)) this.text.setAttribute(name, field.getAttribute(name));
    }
    this.wanted = field.required;
    field.required = false; // a hidden field cannot be asked for; the one that is typed into is
    field.hidden = true;
    const around = element("div", "pick-around");
    around.append(this.text, this.list);
    box.prepend(this.chosen, around, this.said);
    this.text.addEventListener("input", (event) => !event.isComposing && this.plan());
    this.text.addEventListener("compositionend", () => this.plan());
    this.text.addEventListener("keydown", (event) => this.onKey(event));
    this.text.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("li");
      if (item) this.take(item.dataset.key, item.dataset.title);
    });
    this.chosen.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.drop(button.dataset.key);
    });
    // Text that was left there unchosen is a key or an address: the server says if there is no such entry.
    field.form.addEventListener("submit", () => {
      const left = this.text.value.trim();
      if (left) this.field.value = (this.many ? [...this.keys, left] : [left]).join("\n");
    });
  }

  draw() {
    this.chosen.replaceChildren(
      ...this.keys.map((key) => {
        const line = element("li", "");
        const name = this.titles[key] ? element("span", "", this.titles[key]) : element("code", "", key);
        const away = element("button", "", "×");
        away.type = "button";
        away.dataset.key = key;
        away.setAttribute("aria-label", this.box.dataset.drop.replace("{title}", name.textContent));
        line.append(name, away);
        return line;
      }),
    );
    this.chosen.hidden = this.keys.length === 0;
    this.text.required = this.wanted && this.keys.length === 0;
    this.field.value = this.keys.join("\n");
  }

  take(key, title) {
    if (title) this.titles[key] = title;
    if (!this.many) this.keys = [key];
    else if (!this.keys.includes(key)) this.keys.push(key);
    this.text.value = "";
    this.close();
    this.draw();
    this.field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  drop(key) {
    this.keys = this.keys.filter((other) => other !== key);
    this.draw();
    this.text.focus();
  }

  plan() {
    clearTimeout(this.timer);
    this.hurried = false;
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    this.asking?.abort();
    const typed = this.text.value.trim();
    if (!typed) {
      this.show([]);
      return;
    }
    const own = new AbortController();
    this.asking = own;
    try {
      const address = `${this.box.dataset.pick}?${new URLSearchParams({ q: typed })}`;
      const answer = await fetch(address, { signal: own.signal, headers: { Accept: "application/json" } });
      const found = answer.ok ? await answer.json() : [];
      if (this.asking !== own || this.text.value.trim() !== typed) return;
      if (this.hurried && found.length) this.take(found[0].key, found[0].title);
      else this.show(found);
    } catch {
      // Stopped, or the network is gone: nothing is offered, a key or an address can still be typed.
    }
  }

  show(found) {
    this.list.replaceChildren(
      ...found.map((entry, place) => {
        const line = element("li", "suggestion");
        line.id = `${this.list.id}-${place}`;
        line.dataset.key = entry.key;
        line.dataset.title = entry.title;
        line.setAttribute("role", "option");
        line.setAttribute("aria-selected", "false");
        line.append(element("span", "suggestion-text", entry.title), element("span", "suggestion-title", entry.answer));
        return line;
      }),
    );
    this.list.hidden = found.length === 0 || document.activeElement !== this.text;
    this.text.setAttribute("aria-expanded", String(!this.list.hidden));
    this.said.textContent = found.length ? this.box.dataset.count.replace("{count}", found.length) : "";
    this.choose(found.length ? 0 : -1);
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = null;
    this.hurried = false;
    this.show([]);
  }

  choose(place) {
    const all = [...this.list.children];
    all[this.place]?.setAttribute("aria-selected", "false");
    this.place = place;
    all[place]?.setAttribute("aria-selected", "true");
    if (all[place]) this.text.setAttribute("aria-activedescendant", all[place].id);
    else this.text.removeAttribute("aria-activedescendant");
  }

  onKey(event) {
    if (composing(event) || modified(event)) return;
    const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = this.list.children.length;
    if (arrow && count) {
      event.preventDefault();
      this.choose((this.place + arrow + count) % count);
    } else if (event.key === "Escape" && count) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Enter" && this.text.value.trim()) {
      // Half a question is no entry: Enter chooses, and sends the form only from an empty field.
      event.preventDefault();
      const item = this.list.children[this.place];
      if (item) {
        this.take(item.dataset.key, item.dataset.title);
      } else {
        this.hurried = true;
        clearTimeout(this.timer);
        this.ask();
      }
    } else if (event.key === "Backspace" && !this.text.value && this.keys.length) {
      this.drop(this.keys.at(-1));
    }
  }
}

for (const box of document.querySelectorAll("[data-pick]")) new Picker(box);
