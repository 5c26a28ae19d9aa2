// The number on the bell of every page: asked for again when the stream (see bulletins.js) says that there is news,
// and from time to time where there is no stream.

const POLL_MS = 30000;

const bell = document.querySelector(".bell[data-unread]");

function start() {
  let streamed = false;
  let asking = false;
  let again = false;
  let timer;

  function show(unread) {
    bell.querySelector(".bell-count")?.remove();
    bell.querySelector("[data-said]")?.remove();
    if (!unread) return;
    const count = document.createElement("span");
    count.className = "bell-count";
    count.setAttribute("aria-hidden", "true");
    count.textContent = unread < 100 ? unread : "99+";
    const said = document.createElement("span");
    said.className = "visually-hidden";
    said.dataset.said = "";
    said.textContent = bell.dataset.text.replace("{count}", unread);
    bell.append(count, said);
  }

  async function ask() {
    clearTimeout(timer);
    if (document.hidden) return;
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      const answer = await fetch(bell.dataset.unread, { redirect: "manual" });
      if (answer.type === "opaqueredirect") return; // signed out: the next click says so
      if (answer.ok) show((await answer.json()).unread);
    } catch {
      // The server can't be reached: asked again later.
    } finally {
      asking = false;
      if (again) {
        again = false;
        ask();
      }
    }
    plan();
  }

  function plan() {
    clearTimeout(timer);
    if (!streamed) timer = setTimeout(ask, POLL_MS);
  }

  document.addEventListener("zhihui:notices", (event) => {
    streamed = event.detail.streamed;
    if (streamed) ask();
    else plan();
  });
  document.addEventListener("visibilitychange", ask);
  plan();
}

if (bell) start();
