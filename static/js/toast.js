// Short words about what has just happened, with the way back while there is one.
import { take } from "./dialog.js";
import { send } from "./wire.js";

const box = document.getElementById("toasts");
const KEPT = 3;

function arm(toast, seconds) {
  const usual = toast.matches(".toast--error") ? 20 : toast.matches(".toast--undo") ? 10 : 5;
  setTimeout(() => drop(toast), (seconds ?? usual) * 1000);
}

function drop(toast) {
  toast.remove();
  if (!box.children.length && box.matches(":popover-open")) box.hidePopover();
}

// Raised to the top layer again each time, or an open dialog would cover it.
function raise() {
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover();
}

export function show({ text, undo = null, error = false, card = null, seconds = null }) {
  // Only a card's last move can be taken back.
  if (card) for (const old of box.querySelectorAll(`[data-card="${card}"]`)) old.remove();
  const toast = document.createElement("div");
  toast.className = `toast${undo ? " toast--undo" : ""}${error ? " toast--error" : ""}`;
  if (card) toast.dataset.card = card;
  if (error) toast.setAttribute("role", "alert");
  const words = document.createElement("span");
  words.textContent = text;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = undo ? box.dataset.wordUndo : box.dataset.wordClose;
  if (undo) button.dataset.undo = undo;
  toast.append(words, button);
  while (box.children.length >= KEPT) box.firstElementChild.remove();
  box.append(toast);
  raise();
  arm(toast, seconds);
}

/** Says why nothing was saved: the server's own words first. */
export function complain({ status, text, said = [] }) {
  if (said.includes("toast")) return;
  const words = status === 0 ? box.dataset.wordLost : status === 403 || status === 404 ? box.dataset.wordForbidden : box.dataset.wordFailed;
  show({ text: text || words, error: true });
}

if (box) {
  box.addEventListener("click", async (e) => {
    const button = e.target.closest("button");
    if (!button) return;
    drop(button.closest(".toast"));
    if (!button.dataset.undo) return;
    const answer = await send(button.dataset.undo + location.search, {});
    if (answer.ok) take(answer.html);
    else complain(answer);
  });
  document.body.addEventListener("toast", (e) => show(e.detail));
  document.body.addEventListener("htmx:sendError", () => complain({ status: 0 }));
  document.body.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
    const plain = (xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/plain");
    const said = /"?toast"?/.test(xhr.getResponseHeader("HX-Trigger") ?? "") ? ["toast"] : [];
    complain({ status: xhr.status, text: plain ? xhr.responseText.trim() : "", said });
  });
  if (box.children.length) {
    raise();
    for (const toast of box.children) arm(toast);
  }
}
