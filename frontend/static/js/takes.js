// The footage pages: go to a chosen shot, and say the window's place while it is dragged.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-goto]")) return;
  event.preventDefault();
  location.href = event.target.querySelector("select").value;
});
document.addEventListener("input", (event) => {
  if (event.target.matches(".window input[type=range]")) event.target.parentElement.querySelector("output").value = event.target.value;
});
