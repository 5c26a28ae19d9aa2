// The alarm of whoever is on duty: asks every few seconds whether a price, a law or somebody's safety waits for them.

const PAUSE = 10_000; // milliseconds
const place = document.querySelector("[data-duty]");

async function look() {
  // What somebody is about to press stays where it is.
  if (document.hidden || place.contains(document.activeElement)) return;
  try {
    const answer = await fetch(place.dataset.duty, { headers: { "X-Requested-With": "fetch" }, cache: "no-store" });
    if (!answer.ok || answer.redirected) return;
    const made = document.createElement("template");
    made.innerHTML = await answer.text();
    place.replaceChildren(made.content);
  } catch {
    // The server is away: the next look comes.
  }
}

if (place) {
  setInterval(look, PAUSE);
  document.addEventListener("visibilitychange", look);
}
