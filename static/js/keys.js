// The keyboard. A shortcut is declared on what it presses, data-key="n", and is read by the key's place, so the
// Russian layout needs nothing of its own.
const FIELDS = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

export const letter = (e) => (e.code.startsWith("Key") ? e.code[3].toLowerCase() : "");

/** True when letters are commands: nobody types, nothing covers the page. */
export const free = (e) =>
  !e.ctrlKey && !e.metaKey && !e.altKey && !e.target.closest?.(FIELDS) && !document.querySelector("dialog[open], .menu:popover-open");

const seen = (el) => el.checkVisibility();

function press(key) {
  const here = document.activeElement?.closest("[data-walk]");
  const button = [...(here ?? document).querySelectorAll(`[data-key="${key}"]`)].find(seen);
  button?.click();
  return Boolean(button);
}

function walk(step) {
  const items = [...document.querySelectorAll(".board-card, [data-walk]")].filter(seen);
  const at = items.indexOf(document.activeElement?.closest(".board-card, [data-walk]"));
  const item = items[at < 0 ? 0 : at + step];
  if (!item) return;
  (item.querySelector("h3 a") ?? item.querySelector("a, button") ?? item).focus({ focusVisible: true });
  item.scrollIntoView({ block: "nearest", inline: "nearest" });
}

document.addEventListener("keydown", (e) => {
  const key = letter(e);
  if (e.ctrlKey || e.metaKey) {
    if (e.code === "Enter") {
      const form = document.querySelector("dialog[open] form") ?? e.target.closest("form");
      const main = form?.querySelector("[type=submit]:not([disabled])");
      if (main) {
        e.preventDefault();
        form.requestSubmit(main);
      }
    } else if (key === "k" && press("ctrl+k")) e.preventDefault();
    else if (key === "z" && !e.target.closest(FIELDS)) [...document.querySelectorAll("#toasts [data-undo]")].at(-1)?.click();
    return;
  }
  if (!free(e)) return;
  if (e.key === "?") document.getElementById("keys")?.showModal();
  else if (key === "j" || key === "k") walk(key === "j" ? 1 : -1);
  else if (!key || !press(key)) return;
  e.preventDefault();
});
