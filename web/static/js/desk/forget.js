// The sign-in page: whoever signed out, or was signed out, leaves no cards behind in this tab.

for (const name of Object.keys(localStorage)) {
  if (name.startsWith("zhihui-study:draft:")) localStorage.removeItem(name);
}
for (const name of Object.keys(sessionStorage)) {
  if (name.startsWith("zhihui-desk:")) sessionStorage.removeItem(name);
}
