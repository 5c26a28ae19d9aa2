// The day of the next review follows how fast this kind of knowledge ages, until somebody sets another.

const speed = document.querySelector("#freshness");
const day = document.querySelector("#review_due");

/** Move the day with the speed, as long as it is the one that stood there for the speed before. */
export function followFreshness() {
  let before = speed.selectedOptions[0]?.dataset.due;
  speed.addEventListener("change", () => {
    const due = speed.selectedOptions[0].dataset.due;
    if (day.value === "" || day.value === before) {
      day.value = due;
      day.dispatchEvent(new Event("input", { bubbles: true }));
    }
    before = due;
  });
}
