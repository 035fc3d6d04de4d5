// Lists whose rows are put in order by dragging; the buttons beside a row do the same one place at a time.
import Sortable from "sortablejs";
import { complain } from "./toast.js";
import { send } from "./wire.js";

const phone = matchMedia("(max-width: 720px), (pointer: coarse)");

async function put({ item, oldIndex, newIndex, from }) {
  if (oldIndex === newIndex) return;
  const answer = await send(item.dataset.placeUrl, { to: newIndex });
  if (answer.ok) return;
  from.insertBefore(item, from.children[oldIndex + (newIndex < oldIndex ? 1 : 0)] ?? null);
  complain(answer);
}

function arm(root) {
  for (const list of root.querySelectorAll("[data-sort]")) {
    if (Sortable.get(list)) continue;
    Sortable.create(list, { handle: ".settings-rows__grip", animation: 150, disabled: phone.matches, onEnd: put });
  }
}

// On a phone the section where one is may lie beyond the edge.
for (const here of document.querySelectorAll(".filters .saved[aria-current], .settings__side [aria-current]")) {
  here.scrollIntoView({ block: "nearest", inline: "nearest" });
}

arm(document);
document.addEventListener("htmx:load", (e) => arm(e.target.parentElement ?? document));
