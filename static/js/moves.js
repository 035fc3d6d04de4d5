// Asking the server to move a card to another stage.
import { fill, take } from "./dialog.js";
import { complain } from "./toast.js";
import { send, uuid } from "./wire.js";

let asking = false;

/**
 * Resolves to "moved", "cancelled" (the person turned back from what the stage asks) or "refused" with the status.
 * The key makes a repeated request the same request.
 */
export async function ask(url, to, version) {
  asking = true;
  const answer = await send(url, { to, version: version ?? "", key: uuid() });
  asking = false;
  if (answer.ok) {
    take(answer.html);
    if (!answer.said.includes("card-moved")) document.body.dispatchEvent(new CustomEvent("card-moved", { bubbles: true }));
    return { outcome: "moved" };
  }
  if (answer.status === 422 && answer.html) {
    const host = fill(answer.html);
    return new Promise((resolve) => {
      let outcome = "moved";
      host.addEventListener("cancelled", () => (outcome = "cancelled"), { once: true });
      // "cancelled" is said while the dialog closes, before this one-shot listener is reached.
      const closed = () => queueMicrotask(() => resolve({ outcome }));
      host.addEventListener("close", closed, { once: true });
    });
  }
  complain(answer);
  return { outcome: "refused", status: answer.status };
}

// A card's own page hears of itself.
document.addEventListener("live:card", ({ detail }) => {
  const record = document.getElementById("record");
  if (!record || record.dataset.card !== String(detail.id) || (!detail.anew && Number(record.dataset.version) >= detail.version)) return;
  document.body.dispatchEvent(new CustomEvent("card-changed", { bubbles: true }));
});

// What stands here is no longer so.
const behind = () => document.body.dispatchEvent(new CustomEvent("card-changed", { detail: {}, bubbles: true }));

document.addEventListener("click", (e) => {
  const button = e.target.closest("[data-move-to]");
  const root = button?.closest("[data-move-url]");
  if (!root || asking) return;
  button.closest("dialog")?.close();
  ask(root.dataset.moveUrl, button.dataset.moveTo, root.dataset.version).then(({ status }) => status === 409 && behind());
});

document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => xhr.status === 409 && behind());
