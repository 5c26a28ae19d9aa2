// The strip of bulletins on top of every page: kept up to date by a stream of server-sent events, by asking every two
// seconds where there is none, and by a timer where a bulletin begins or ends by itself.

const POLL_MS = 2000;
const STREAM_AGAIN_MS = 60000;

const root = document.getElementById("bulletins");

function start() {
  const strip = root.querySelector("[data-strip]");
  const said = root.querySelector("[data-said]");
  const memory = `bulletins-dismissed-${root.dataset.person}`;
  let tag = strip.dataset.tag;
  let stream = null;
  let streaming = false;
  let asking = false;
  let again = false;
  let ended = false;
  let pollTimer;
  let changeTimer;
  let streamTimer;

  const bars = (where) => [...where.querySelectorAll("[data-bulletin]")];

  function dismissed() {
    try {
      return JSON.parse(localStorage.getItem(memory)) ?? [];
    } catch {
      return []; // storage that is switched off, or that somebody else wrote to
    }
  }

  function remember(key) {
    const kept = dismissed().filter((other) => bars(strip).some((bar) => bar.dataset.bulletin === other));
    try {
      localStorage.setItem(memory, JSON.stringify([...kept, key]));
    } catch {
      // dismissed for this page only
    }
  }

  function prepare() {
    const gone = dismissed();
    for (const bar of bars(strip)) {
      const button = bar.querySelector("[data-dismiss]");
      if (!button) continue;
      button.hidden = false;
      if (gone.includes(bar.dataset.bulletin)) bar.hidden = true;
    }
  }

  /** Put the new strip in place; a bulletin that is the same stays as it is, with what was opened or chosen in it. */
  function show(html) {
    const before = new Map(bars(strip).map((bar) => [bar.dataset.bulletin, bar]));
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const news = [];
    for (const bar of bars(fresh.content)) {
      const same = before.get(bar.dataset.bulletin);
      if (same) bar.replaceWith(same);
      else news.push(bar.dataset.title);
    }
    const focused = document.activeElement;
    strip.replaceChildren(fresh.content);
    if (focused && focused !== document.activeElement && strip.contains(focused)) focused.focus();
    prepare();
    if (news.length) said.textContent = root.dataset.new + news.join("；");
  }

  function plan(seconds) {
    clearTimeout(changeTimer);
    if (seconds > 0) changeTimer = setTimeout(ask, Math.min(seconds, 86400) * 1000);
  }

  async function ask() {
    if (ended) return;
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      const answer = await fetch(root.dataset.now, { headers: { "If-None-Match": `"${tag}"` }, redirect: "manual" });
      if (answer.type === "opaqueredirect") {
        ended = true; // signed out: the next click says so
        leave();
        return;
      }
      if (answer.ok) {
        tag = (answer.headers.get("ETag") ?? "").replace(/^W\/|"/g, "");
        show(await answer.text());
      }
      plan(Number(answer.headers.get("X-Next-Change") ?? 0));
    } catch {
      // The server can't be reached: asked again with the next poll.
    } finally {
      asking = false;
      if (again) {
        again = false;
        ask();
      }
    }
  }

  function poll() {
    clearTimeout(pollTimer);
    if (streaming || ended || document.hidden) return;
    pollTimer = setTimeout(async () => {
      await ask();
      poll();
    }, POLL_MS);
  }

  function listen() {
    clearTimeout(streamTimer);
    if (stream || ended || document.hidden || !("EventSource" in window)) return;
    stream = new EventSource(root.dataset.stream);
    stream.addEventListener("open", () => {
      streaming = true;
    });
    stream.addEventListener("bulletins", ask);
    stream.addEventListener("error", () => {
      streaming = false;
      poll();
      if (stream?.readyState !== EventSource.CLOSED) return;
      stream = null; // no room: asked for again after a while
      streamTimer = setTimeout(listen, STREAM_AGAIN_MS);
    });
  }

  /** A page that nobody sees takes no place, and none of the few connections a browser has for one server. */
  function leave() {
    clearTimeout(pollTimer);
    clearTimeout(streamTimer);
    stream?.close();
    stream = null;
    streaming = false;
  }

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
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const { right, said } = await answer.json();
      if (right === null) {
        await ask();
        return;
      }
      note.textContent = said;
      form.querySelectorAll("input").forEach((input) => {
        input.disabled = true;
      });
      button.hidden = true;
    } catch {
      button.disabled = false;
      note.textContent = form.dataset.failed;
    }
  }

  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dismiss]");
    if (!button) return;
    const bar = button.closest("[data-bulletin]");
    remember(bar.dataset.bulletin);
    bar.hidden = true;
  });
  root.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-receipt]")) return;
    event.preventDefault();
    sign(event.target);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) leave();
    else {
      ask();
      listen();
      poll();
    }
  });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    ask();
    listen();
    poll();
  });

  prepare();
  plan(Number(strip.dataset.next ?? 0));
  listen();
  poll();
}

if (root) start();
