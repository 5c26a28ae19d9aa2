// The demo's sign-in page: a click on a person fills the form in and signs in as them.

const form = document.getElementById("sign-in");
const password = document.getElementById("demo-password").textContent;

for (const person of document.querySelectorAll("[data-username]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = person.className;
  button.append(...person.childNodes);
  button.addEventListener("click", () => {
    form.elements.username.value = person.dataset.username;
    form.elements.password.value = password;
    form.requestSubmit();
  });
  person.replaceWith(button);
}
