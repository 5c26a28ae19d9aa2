// Choosing between two versions: whoever writes on the merged text has chosen it, and what is left to choose is counted.

const form = document.querySelector(".merge-form");
const line = form.querySelector(".editor-state");
const say = line?.dataset.say;

function look() {
  let left = 0;
  for (const row of form.querySelectorAll(".merge-row")) {
    const open = !row.querySelector("input[type=radio]:checked");
    row.classList.toggle("is-open", open);
    left += open ? 1 : 0;
  }
  if (line) line.textContent = left ? say.replace("{count}", left) : "";
}

for (const text of form.querySelectorAll("[data-merged]")) {
  text.addEventListener("input", () => {
    text.closest(".merge-both").querySelector("input[type=radio]").checked = true;
    look();
  });
}
form.addEventListener("change", look);
