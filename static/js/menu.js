// Popovers stand under the button that opened them.
let opener = null;

document.addEventListener(
  "click",
  (e) => {
    opener = e.target.closest("[popovertarget]") ?? opener;
  },
  true,
);

document.addEventListener(
  "toggle",
  (e) => {
    const menu = e.target;
    if (e.newState !== "open" || !menu.matches?.(".menu") || opener?.getAttribute("popovertarget") !== menu.id) return;
    const at = opener.getBoundingClientRect();
    const left = Math.min(at.left, innerWidth - menu.offsetWidth - 12);
    const top = Math.min(at.bottom + 4, innerHeight - menu.offsetHeight - 12);
    menu.style.setProperty("left", `${Math.max(12, left)}px`);
    menu.style.setProperty("top", `${Math.max(12, top)}px`);
    const name = opener.dataset.focus;
    (name ? menu.querySelector(`[name="${name}"]`) : menu.querySelector("input:not([type=hidden]), select"))?.focus();
  },
  true,
);
