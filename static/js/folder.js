// A row of a folder that is dragged onto a subfolder, or onto a step of the way here, moves there; of chosen rows all do.
import { chosen } from "./bulk.js";
import { take } from "./dialog.js";
import { complain } from "./toast.js";
import { send } from "./wire.js";

const KIND = "application/x-crm-files";
let things = [];
let over = null;

const carries = (e) => things.length > 0 && [...(e.dataTransfer?.types ?? [])].includes(KIND);

function mark(place) {
  over?.classList.remove("is-over");
  over = place;
  over?.classList.add("is-over");
}

// A folder does not go into itself.
function target(e) {
  const place = e.target.closest?.("#folder [data-into]");
  return place && !things.includes(`d${place.dataset.into}`) ? place : null;
}

// A finger scrolls; for it there is the menu of the row.
document.addEventListener("pointerdown", (e) => {
  const row = e.target.closest?.("#folder[data-moves] [data-thing]");
  if (row) row.draggable = e.pointerType !== "touch";
});

document.addEventListener("dragstart", (e) => {
  const row = e.target.closest?.("#folder[data-moves] [data-thing][draggable=true]");
  if (!row) return;
  const together = chosen();
  things = together.includes(row.dataset.thing) ? together : [row.dataset.thing];
  e.dataTransfer.clearData(); // the address of the link that was taken hold of
  e.dataTransfer.setData(KIND, things.join());
  e.dataTransfer.effectAllowed = "move";
  e.dataTransfer.setDragImage(row, 24, 18);
});

document.addEventListener("dragover", (e) => {
  if (!carries(e)) return;
  const place = target(e);
  mark(place);
  if (place) e.preventDefault();
});

document.addEventListener("dragend", () => {
  mark(null);
  things = [];
});

document.addEventListener("drop", async (e) => {
  if (!carries(e)) return;
  e.preventDefault();
  const place = target(e);
  const moved = things;
  mark(null);
  things = [];
  if (!place) return;
  const folder = place.closest("#folder");
  const answer = await send(folder.dataset.moves, { things: moved.join(), folder: place.dataset.into });
  if (answer.html) take(answer.html);
  else if (!answer.ok) complain(answer);
  else document.body.dispatchEvent(new CustomEvent("bulk-done", { bubbles: true }));
});
