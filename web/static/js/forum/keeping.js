// What is being written is kept on this computer until the server has it: a reload, a crash or a lost connection costs
// nothing. The server says that it has it by ?sent=1 in the address it leads to; nothing else takes it away, but the person.

const NEARBY = 250; // milliseconds
const SENT = "zhihui-forum-sent";

const clock = (at) => new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
const fieldsOf = (form) =>
  [...form.elements].filter((field) => field.name && !["hidden", "file", "submit", "button"].includes(field.type));
const first = (field) =>
  field.options
    ? ([...field.options].find((option) => option.defaultSelected) ?? field.options[0]).value
    : field.defaultValue;

/** Forget what this tab has sent, once the address says that it arrived. */
function arrived() {
  const address = new URL(location.href);
  if (!address.searchParams.has("sent")) return;
  const store = sessionStorage.getItem(SENT);
  if (store) localStorage.removeItem(store);
  sessionStorage.removeItem(SENT);
  address.searchParams.delete("sent");
  history.replaceState(history.state, "", address);
}

function keep(form) {
  const store = `zhihui-forum:${form.dataset.person}:${form.dataset.keep}`;
  const line = form.querySelector("[data-kept]");
  const kept = form.elements.kept;
  let timer = 0;
  let sending = false;

  const written = () => Object.fromEntries(fieldsOf(form).map((field) => [field.name, field.value]));
  const changed = () => fieldsOf(form).some((field) => field.value !== first(field));

  function save() {
    clearTimeout(timer);
    try {
      if (changed()) localStorage.setItem(store, JSON.stringify({ fields: written(), at: Date.now() }));
      else localStorage.removeItem(store);
    } catch {
      // a full store: what was typed still stands in the form
    }
  }

  function stored() {
    try {
      return JSON.parse(localStorage.getItem(store));
    } catch {
      return null;
    }
  }

  function put(values) {
    for (const field of fieldsOf(form)) if (field.name in values) field.value = values[field.name];
    form.elements.title?.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Fill in what was not sent last time; what the server gave back is newer than that. */
  function restore() {
    const before = stored();
    if (!before || !("fresh" in form.dataset) || changed()) return;
    if (fieldsOf(form).every((field) => (before.fields[field.name] ?? field.value) === field.value)) return;
    put(before.fields);
    line.querySelector("[data-kept-text]").textContent = line.dataset.text.replace("{time}", clock(before.at));
    line.hidden = false;
  }

  kept.value = "1";
  restore();
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, NEARBY);
  });
  form.addEventListener("change", save);
  line.querySelector("button").addEventListener("click", () => {
    put(Object.fromEntries(fieldsOf(form).map((field) => [field.name, first(field)])));
    save();
    line.hidden = true;
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.submitter?.name === "preview") return;
    save();
    if (sending) {
      event.preventDefault(); // pressed twice
      return;
    }
    sending = true;
    sessionStorage.setItem(SENT, store);
  });
  window.addEventListener("pagehide", save);
  window.addEventListener("pageshow", () => {
    sending = false;
  });
}

arrived();
document.querySelectorAll("[data-keep]").forEach(keep);
