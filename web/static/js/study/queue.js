// Answers on their way. Each is kept here before it is sent and until the server has said that it has it: a page that is
// closed, a server that is away, and a second try lose nothing and count nothing twice (every answer has a name).

const page = document.querySelector("[data-study]").dataset;
const STORE = `zhihui-study:queue:${page.person}`;

let beside = null; // where the store is full or forbidden: as long as this page stands

function read() {
  if (beside) return beside;
  try {
    return JSON.parse(localStorage.getItem(STORE)) || [];
  } catch {
    return [];
  }
}

function write(answers) {
  try {
    if (answers.length) localStorage.setItem(STORE, JSON.stringify(answers));
    else localStorage.removeItem(STORE);
    beside = null;
  } catch {
    beside = answers;
  }
}

/** A name of its own for an answer. Works without HTTPS. */
export function name() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const waiting = () => read();

export function add(answer) {
  write([...read().filter((other) => other.key !== answer.key), answer]);
}

export function remove(key) {
  write(read().filter((other) => other.key !== key));
}

/** Send one answer. What came of it: `html` where it is saved, `refused` why it never will be, else `gone` or `out`. */
export async function send(answer) {
  const body = new URLSearchParams(answer.fields);
  body.set("csrf_token", page.token);
  body.set("key", answer.key);
  let reply;
  try {
    reply = await fetch(page.answers, {
      method: "POST",
      body,
      headers: { "X-Requested-With": "fetch" },
    });
    const text = await reply.text();
    if (reply.redirected) return { out: true };
    if (reply.ok) {
      remove(answer.key);
      return { html: text };
    }
    if (reply.headers.get("X-Refused")) {
      remove(answer.key);
      return { refused: text };
    }
    return reply.status >= 500 || reply.status === 429 ? { gone: true } : { out: true };
  } catch {
    return { gone: true };
  }
}
