// Writing in the forum: a preview without leaving the page, files that are chosen, pasted or dropped, names after an @.
// Without this the preview is a page of its own, and files go with the form.

import { offerNames } from "./names.js";

function enliven(box) {
  const area = box.querySelector("textarea");
  const form = area.form;
  const chooser = box.querySelector("input[type=file]");
  const said = box.querySelector("[data-said]");
  const shown = box.querySelector("[data-shown]");
  const token = () => form.querySelector("[name=csrf_token]").value;

  function insert(text) {
    const before = area.value.slice(0, area.selectionStart);
    const gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    area.setRangeText(`${gap}${text}\n\n`, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function upload(files) {
    if (!files.length) return;
    const fields = new FormData();
    for (const file of files) fields.append("file", file);
    said.textContent = box.dataset.sending;
    try {
      const answer = await fetch(box.dataset.upload, {
        method: "POST",
        body: fields,
        headers: { Accept: "application/json", "X-CSRFToken": token() },
      });
      const told = await answer.json();
      if (answer.ok) insert(told.markdown);
      said.textContent = answer.ok ? box.dataset.sent : told.error.message;
    } catch {
      said.textContent = box.dataset.failed;
    }
  }

  async function preview() {
    try {
      const answer = await fetch(box.dataset.preview, {
        method: "POST",
        body: new URLSearchParams({ body: area.value, csrf_token: token() }),
      });
      if (!answer.ok) return false;
      // Made and sanitised by the server, as the post itself will be.
      shown.querySelector(".prose").innerHTML = await answer.text();
      shown.hidden = false;
      return true;
    } catch {
      return false;
    }
  }

  form.addEventListener("submit", async (event) => {
    if (event.submitter?.name !== "preview") return;
    event.preventDefault();
    if (await preview()) shown.scrollIntoView({ block: "nearest" });
    else said.textContent = box.dataset.failed;
  });
  chooser.addEventListener("change", async () => {
    const files = [...chooser.files];
    chooser.value = ""; // they are uploaded now: they must not go with the form once more
    await upload(files);
  });
  area.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (!files.length || event.clipboardData.getData("text/plain")) return; // office programs bring a picture of text
    event.preventDefault();
    upload(files);
  });
  area.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  area.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    upload([...event.dataTransfer.files]);
  });
  offerNames(box, area);
}

document.querySelectorAll("[data-compose]").forEach(enliven);
