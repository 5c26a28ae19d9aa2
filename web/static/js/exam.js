// The paper of an exam: every answer is saved as it is given, and again until the server has it; the clock is the server's.

const paper = document.querySelector("[data-attempt]");

if (paper) {
  const kept = `exam-${paper.dataset.attempt}`;
  const clock = paper.querySelector("[data-clock]");
  const count = paper.querySelector("[data-count]");
  const said = paper.querySelector("[data-said]");
  const hand = paper.querySelector("[data-submit]");
  const forms = new Map([...paper.querySelectorAll("[data-question]")].map((form) => [form.dataset.question, form]));
  const waiting = new Map(JSON.parse(sessionStorage.getItem(kept) || "[]"));
  let sending = false;
  let leaving = false;
  let end = performance.now() + 1000 * Number(paper.dataset.left);

  const say = (form, state) => {
    form.dataset.state = state;
    form.querySelector("[data-state-text]").textContent = paper.dataset[state] || "";
  };

  const keep = () => sessionStorage.setItem(kept, JSON.stringify([...waiting]));

  const complete = (form) => {
    const steps = [...form.querySelectorAll("select[name=step]")];
    if (steps.length) return new Set(steps.map((step) => step.value)).size === steps.length && steps.every((step) => step.value);
    const texts = [...form.querySelectorAll("input[name=text]")];
    if (texts.length) return texts.every((text) => text.value.trim());
    return form.querySelector("input[name=choice]:checked") !== null;
  };

  const tally = () => {
    const done = [...forms.values()].filter((form) => form.dataset.state === "saved").length;
    count.textContent = String(done);
  };

  // One at a time, in the order given: an older answer never overtakes a newer one.
  const send = async () => {
    if (sending) return;
    sending = true;
    while (waiting.size && !leaving) {
      const [place, body] = waiting.entries().next().value;
      const form = forms.get(place);
      try {
        const answer = await fetch(form.action, {
          method: "POST",
          body: new URLSearchParams(body),
          headers: { "X-Requested-With": "fetch" },
          redirect: "error",
        });
        if (answer.ok) {
          const told = await answer.json();
          end = performance.now() + 1000 * told.left;
          if (waiting.get(place) === body) waiting.delete(place);
          if (!waiting.has(place)) say(form, "saved");
        } else if (answer.status >= 500) {
          throw new Error(String(answer.status));
        } else {
          if (waiting.get(place) === body) waiting.delete(place);
          say(form, "refused");
        }
        said.textContent = "";
      } catch {
        say(form, "retrying");
        said.textContent = paper.dataset.offline;
        await new Promise((resolve) => setTimeout(resolve, 1500));
      }
      keep();
      tally();
    }
    sending = false;
  };

  const body = (form) => new URLSearchParams(new FormData(form)).toString();

  const given = (form) => {
    if (!complete(form)) {
      say(form, "incomplete");
      tally();
      return;
    }
    waiting.set(form.dataset.question, body(form));
    keep();
    say(form, "saving");
    tally();
    send();
  };

  for (const form of forms.values()) {
    form.addEventListener("change", () => given(form));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      given(form);
    });
    form.querySelector("[data-save]").hidden = true;
  }
  for (const [place, sent] of waiting) {
    if (!forms.has(place)) { waiting.delete(place); continue; }
    const form = forms.get(place);
    const fields = new URLSearchParams(sent);
    for (const box of form.querySelectorAll("input[name=choice]")) box.checked = fields.getAll("choice").includes(box.value);
    form.querySelectorAll("input[name=text]").forEach((box, at) => { box.value = fields.getAll("text")[at] ?? ""; });
    form.querySelectorAll("select[name=step]").forEach((box, at) => { box.value = fields.getAll("step")[at] ?? ""; });
    // The token in it is of an older page.
    waiting.set(place, body(form));
    say(form, "saving");
  }
  keep();
  send();

  const leave = async () => {
    const last = performance.now() + 10000;
    while (waiting.size && performance.now() < last) await new Promise((resolve) => setTimeout(resolve, 200));
    leaving = true;
    sessionStorage.removeItem(kept);
    hand.submit();
  };

  hand.addEventListener("submit", (event) => {
    event.preventDefault();
    const open = forms.size - [...forms.values()].filter((form) => form.dataset.state === "saved").length - waiting.size;
    if (open > 0 && !confirm(paper.dataset.open.replace("{count}", String(open)))) return;
    leave();
  });

  let warned = false;
  const tick = () => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    clock.textContent = `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
    clock.classList.toggle("is-short", left <= 60);
    if (left <= 60 && !warned) {
      warned = true;
      said.textContent = paper.dataset.short;
    }
    if (left === 0) {
      clearInterval(ticking);
      leave();
    }
  };
  const ticking = setInterval(tick, 1000);
  tick();
  tally();
}
