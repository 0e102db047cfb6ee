// The draws page: one family's form at a time, and each slider says its value.
document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-family]");
  if (!tab) return;
  for (const other of document.querySelectorAll("[data-family]")) other.setAttribute("aria-selected", String(other === tab));
  for (const form of document.querySelectorAll("[data-family-form]")) form.hidden = form.dataset.familyForm !== tab.dataset.family;
});
document.addEventListener("input", (event) => {
  if (event.target.matches(".ask input[type=range]")) event.target.closest(".field").querySelector("output").value = event.target.value;
  if (event.target.id === "plate-origin") document.querySelector("#plate-ai").checked = event.target.value === "generated";
});
