// A study session: one card after the other, each answer kept and sent at once. While the server is away it goes on with
// the cards that came along, and hands the answers in when the server is back.

import { inField, modified } from "../typing.js";
import * as card from "./card.js";
import * as queue from "./queue.js";

const PAUSE = 2000; // milliseconds between two tries while the server is away

const page = document.querySelector("[data-study]").dataset;
const stage = document.querySelector("[data-stage]");
const said = document.querySelector("[data-study-said]");
const blank = document.querySelector("template[data-waiting]");

let ahead = [...stage.querySelectorAll("template[data-ahead]")];
let away = false;
let timer = 0;
let busy = false;

function say(text) {
  said.textContent = text;
}

function problem(text) {
  const line = card.form()?.querySelector("[data-problem]");
  if (!line) return say(text);
  line.textContent = text;
  line.hidden = !text;
  return undefined;
}

function show(nodes) {
  stage.replaceChildren(nodes);
  stage.querySelector("[data-next]")?.focus();
  window.scrollTo(0, 0);
}

function parsed(html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  return made.content;
}

function began() {
  if (card.begin()) say(page.sayResumed);
  stage.querySelector("input[name=text]")?.focus();
}

async function submit(form, button) {
  if (busy) return;
  if (!card.complete(form)) {
    problem(page.sayChoose);
    return;
  }
  busy = true;
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrf_token");
  fields.push(["confidence", button.value], ["took", String(card.took())], ["at", String(Date.now())]);
  const answer = { key: queue.name(), question: form.dataset.question, fields };
  queue.add(answer);
  card.forget();
  say("");
  for (const other of form.querySelectorAll("button")) other.disabled = true;
  settle(await queue.send(answer));
  busy = false;
}

/** Show what came of the answer that was just given. */
function settle(result) {
  if (result.html) show(parsed(result.html));
  else {
    show(blank.content.cloneNode(true));
    if (result.refused) {
      stage.querySelector("h2").textContent = page.sayFailed + result.refused;
      stage.querySelector(".quiet").remove();
    } else if (result.out) say(page.saySignedOut);
    else lost(page.sayKept);
  }
}

function lost(text) {
  away = true;
  say(text);
  clearTimeout(timer);
  timer = setTimeout(probe, PAUSE);
}

async function probe() {
  clearTimeout(timer);
  try {
    const answer = await fetch(page.alive, { cache: "no-store" });
    if (answer.ok) return recovered();
  } catch {
    // Still away: the next try comes.
  }
  timer = setTimeout(probe, PAUSE);
  return undefined;
}

async function recovered() {
  away = false;
  await handIn();
  if (!away && stage.querySelector("[data-empty]")) next();
}

/** Hand in what waits, the oldest first. */
async function handIn() {
  let count = 0;
  let right = 0;
  for (const answer of queue.waiting()) {
    const result = await queue.send(answer);
    if (result.gone) {
      lost(page.sayKept);
      return;
    }
    if (result.out) {
      say(page.saySignedOut);
      return;
    }
    if (result.html) {
      count += 1;
      if (parsed(result.html).querySelector("[data-feedback]")?.dataset.right === "yes") right += 1;
    } else say(page.sayFailed + result.refused);
  }
  if (count) say(page.saySent.replace("{count}", count).replace("{right}", right));
}

const unsent = () => queue.waiting().map((answer) => answer.question);

function fromAhead() {
  const given = new Set(unsent());
  while (ahead.length) {
    const form = ahead.shift().content.querySelector("form");
    if (!given.has(form.dataset.question)) {
      show(form);
      began();
      return true;
    }
  }
  const none = blank.content.cloneNode(true);
  none.querySelector("section").dataset.empty = "yes";
  none.querySelector(".quiet").textContent = page.sayNone;
  show(none);
  return false;
}

async function next() {
  if (away) {
    fromAhead();
    return;
  }
  try {
    const answer = await fetch(`${page.session}?without=${unsent().join(",")}`, { headers: { "X-Requested-With": "fetch" } });
    if (answer.redirected) {
      location.assign(page.signIn);
      return;
    }
    if (!answer.ok) throw new TypeError(String(answer.status));
    show(parsed(await answer.text()));
    ahead = [...stage.querySelectorAll("template[data-ahead]")];
    if (!said.textContent.includes(page.saySent.split("{")[0])) say("");
    began();
  } catch {
    lost(page.sayKept);
    fromAhead();
  }
}

/** Sign a bulletin where it stands; what was right comes with the receipt. */
async function sign(form) {
  const note = form.querySelector(".receipt-said");
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      redirect: "error",
    });
    if (!answer.ok) throw new TypeError(String(answer.status));
    const { right, said: told } = await answer.json();
    if (right === null) {
      await next();
      return;
    }
    note.textContent = told;
    for (const input of form.querySelectorAll("input")) input.disabled = true;
    button.hidden = true;
    form.append(blank.content.querySelector(".study-links").cloneNode(true));
    form.querySelector("[data-next]").focus();
  } catch {
    button.disabled = false;
    note.textContent = form.dataset.failed;
  }
}

stage.addEventListener("submit", (event) => {
  if (event.target.matches("[data-receipt]")) {
    event.preventDefault();
    sign(event.target);
  }
  if (!event.target.matches("form[data-card]")) return;
  event.preventDefault();
  submit(event.target, event.submitter);
});

stage.addEventListener("click", (event) => {
  if (!event.target.closest("[data-next]")) return;
  event.preventDefault();
  next();
});

document.addEventListener("keydown", (event) => {
  const link = stage.querySelector("[data-next]");
  if (!link || event.defaultPrevented || modified(event) || inField(event) || event.repeat) return;
  if (event.key.toLowerCase() === "n" || (event.key === "Enter" && event.target === document.body)) {
    event.preventDefault();
    next();
  }
});

window.addEventListener("online", () => away && probe());

if (queue.waiting().length) {
  const shown = card.form()?.dataset.question;
  const taken = unsent().includes(shown);
  handIn().then(() => taken && next());
}
began();
