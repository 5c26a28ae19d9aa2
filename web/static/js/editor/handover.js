// One box for all boxes.

const all = document.querySelector("[data-all]");

if (all) {
  const boxes = [...document.querySelectorAll("input[name=entry]")];
  const box = all.querySelector("input");
  const look = () => {
    const checked = boxes.filter((item) => item.checked).length;
    box.checked = checked === boxes.length;
    box.indeterminate = checked > 0 && checked < boxes.length;
  };
  all.hidden = false;
  box.addEventListener("change", () => {
    for (const item of boxes) item.checked = box.checked;
  });
  for (const item of boxes) item.addEventListener("change", look);
  look();
}
