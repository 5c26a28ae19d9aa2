// The list of an import's parts: what each says is fetched when it is opened; how many are chosen is counted.

const form = document.getElementById("parts");
const chosen = form?.querySelector("[data-chosen]");
const boxes = [...(form?.querySelectorAll('input[type="checkbox"]') ?? [])];

async function preview(details) {
  if (!details.open || details.dataset.shown) return;
  details.dataset.shown = "yes";
  try {
    const answer = await fetch(details.dataset.preview, { headers: { "X-Requested-With": "fetch" }, redirect: "error" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    details.querySelector("div").innerHTML = await answer.text();
  } catch {
    delete details.dataset.shown; // the link in it stays, and opening it again tries again
  }
}

function count() {
  chosen.textContent = chosen.dataset.text.replace("{count}", boxes.filter((box) => box.checked).length);
}

for (const details of form?.querySelectorAll("[data-preview]") ?? []) {
  details.addEventListener("toggle", () => preview(details));
}
if (chosen) {
  for (const [name, value] of [["all", true], ["none", false]]) {
    const button = form.querySelector(`[data-${name}]`);
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const box of boxes) box.checked = value;
      count();
    });
  }
  form.addEventListener("change", count);
  count();
}
