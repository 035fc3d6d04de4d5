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

// What sends the form that is being filled in, or else the dialog: its main button, or the only one it has.
function answer(from) {
  const place = from.closest("form") ?? document.querySelector("dialog[open]");
  const ways = [...(place?.querySelectorAll("[type=submit]:not([disabled])") ?? [])];
  return ways.find((way) => way.matches(".btn--main")) ?? (ways.length === 1 && place.matches("form") ? ways[0] : null);
}

document.addEventListener("keydown", (e) => {
  const key = letter(e);
  if (e.ctrlKey || e.metaKey) {
    if (e.code === "Enter") {
      const main = answer(e.target);
      if (main) {
        e.preventDefault();
        main.click();
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
