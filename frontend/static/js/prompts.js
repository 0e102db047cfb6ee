// Words for prompts (generation/_prompt.html): fragments go into the form's own fields and come out again.
const JOINTS = { tags: ", ", en: ". ", zh: "。" };

const side = (element) => element.closest("[data-prompt-language]");
const field = (element, name) => element.closest("form")?.elements.namedItem(name);

function say(target, text) {
  if (!target) return;
  target.value = text.slice(0, target.maxLength > 0 ? target.maxLength : undefined);
  target.dispatchEvent(new Event("input", { bubbles: true }));
}
/** Add the fragment, or take it out where it is in already. */
function toggle(target, text, joint) {
  if (!target) return;
  const now = target.value.trim();
  const at = now.toLowerCase().indexOf(text.toLowerCase());
  if (at < 0) {
    const gap = joint === "。" || joint === "，" ? /[。，、]$/ : /[.,;]$/;
    say(target, now ? now + (gap.test(now) ? (joint.endsWith(" ") ? " " : "") : joint) + text : text);
    return;
  }
  const before = now.slice(0, at).replace(/[\s.,;。，、]+$/, "");
  const after = now.slice(at + text.length).replace(/^[\s.,;。，、]+/, "");
  say(target, before && after ? before + joint + after : before || after);
}
function press(help) {
  for (const chip of help.querySelectorAll("[data-prompt-add]")) {
    const target = field(chip, chip.dataset.promptTo);
    const held = Boolean(target) && target.value.toLowerCase().includes(chip.dataset.promptAdd.toLowerCase());
    chip.setAttribute("aria-pressed", String(held));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-prompt-fill], [data-prompt-add], [data-prompt-speak]");
  if (!button) return;
  const help = button.closest("[data-prompt-help]");
  if (button.hasAttribute("data-prompt-fill")) {
    say(field(button, "prompt"), side(button).querySelector("[data-prompt-whole]").textContent);
    const never = side(button).querySelector("[data-prompt-never]");
    if (never) say(field(button, "negative"), never.textContent);
  } else if (button.hasAttribute("data-prompt-add")) {
    const negative = button.dataset.promptTo === "negative", joint = side(button).dataset.joint;
    toggle(field(button, button.dataset.promptTo), button.dataset.promptAdd, negative ? (joint === "zh" ? "，" : ", ") : JOINTS[joint]);
  } else {
    for (const one of help.querySelectorAll("[data-prompt-language]")) one.hidden = one.dataset.promptLanguage !== button.dataset.promptSpeak;
  }
  press(help);
});
document.addEventListener("input", (event) => {
  const help = event.target.form?.querySelector("[data-prompt-help][open]");
  if (help && (event.target.name === "prompt" || event.target.name === "negative")) press(help);
});
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("[data-prompt-help]")) press(event.target);
}, true);
