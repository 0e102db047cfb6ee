// The footage pages: go to a chosen shot, and say the window's place while it is dragged.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-goto]")) return;
  event.preventDefault();
  location.href = event.target.querySelector("select").value;
});
document.addEventListener("input", (event) => {
  if (event.target.matches(".window input[type=range]")) event.target.parentElement.querySelector("output").value = `${Math.round(event.target.value / 10)} %`;
});

// What has arrived stands in the list of takes by now, with what was found in it: its line among the uploads has said its all.
document.addEventListener("htmx:afterSwap", () => {
  const here = new Set([...document.querySelectorAll("#takes [data-filename]")].map((take) => take.dataset.filename));
  for (const row of document.querySelectorAll("huo-upload .upload[data-state=done]")) {
    if (here.has(row.querySelector(".name").textContent)) row.querySelector("[data-act=dismiss]").click();
  }
});
