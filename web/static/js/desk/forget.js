// The sign-in page: whoever signed out, or was signed out, leaves no cards and no text that the server has in this tab.

for (const name of Object.keys(localStorage)) {
  if (name.startsWith("zhihui-study:draft:")) localStorage.removeItem(name);
}
for (const name of Object.keys(sessionStorage)) {
  if (/^zhihui-(desk|editor):/.test(name)) sessionStorage.removeItem(name);
}
