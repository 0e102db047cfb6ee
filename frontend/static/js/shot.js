// The shot's page: what this person changed here is shown at once, without waiting for the hand to leave.
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful || !event.target.matches("form[data-now]")) return;
  const section = event.target.closest("[data-live]");
  section.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; });
  window.htmx.trigger(section, "live");
});
// Left and right bracket: the shots before and after.
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "[") document.querySelector("a[rel=prev]")?.click();
  if (event.key === "]") document.querySelector("a[rel=next]")?.click();
});
