// A rating by keyboard: 1 to 5 scores the criterion one is at and goes on to the next; after the last, the reason.

const form = document.querySelector("[data-rating]");

if (form) {
  const groups = [...form.querySelectorAll("fieldset")];
  const reason = form.querySelector("#reason");

  const current = () => {
    const focused = document.activeElement?.closest("fieldset");
    if (groups.includes(focused)) return focused;
    return groups.find((group) => !group.querySelector("input:checked"));
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input:not([type=radio]), textarea, select") || !/^[1-5]$/.test(event.key)) return;
    const group = current();
    if (!group) return;
    event.preventDefault();
    group.querySelector(`input[value="${event.key}"]`).checked = true;
    const next = groups[groups.indexOf(group) + 1];
    (next ? next.querySelector("input:checked") || next.querySelector("input") : reason).focus();
  });
}
