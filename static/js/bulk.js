// Choosing rows of a list or of a folder: a bar floats over it while some are chosen. Its buttons send what is chosen.
const bar = () => document.getElementById("bulk");
const boxes = () => [...document.querySelectorAll("[data-bulk-one]")];

/** Values of the boxes that are checked. */
export const chosen = () => boxes().filter((box) => box.checked).map((box) => box.value);

function sync() {
  if (!bar()) return;
  const all = document.querySelector("[data-bulk-all]");
  const rows = boxes();
  const ids = chosen();
  for (const box of rows) box.closest("tr").setAttribute("aria-selected", String(box.checked));
  if (all) {
    all.checked = ids.length > 0 && ids.length === rows.length;
    all.indeterminate = ids.length > 0 && ids.length < rows.length;
  }
  bar().hidden = ids.length === 0;
  bar().querySelector("[data-bulk-count]").textContent = ids.length;
  const field = bar().querySelector("[data-bulk-ids]");
  if (field) field.value = ids.join(",");
}

function choose(all) {
  for (const box of boxes()) box.checked = all;
  sync();
}

document.addEventListener("change", (e) => {
  if (e.target.matches("[data-bulk-all]")) choose(e.target.checked);
  else if (e.target.matches("[data-bulk-one]")) sync();
});
document.addEventListener("click", (e) => e.target.closest("[data-bulk-clear]") && choose(false));
document.addEventListener("keydown", (e) => {
  if (e.key === "Escape" && e.target.matches?.("[data-bulk-one], [data-bulk-all], #bulk *") && chosen().length) choose(false);
});
document.addEventListener("bulk-done", () => choose(false));
// The list may have been drawn anew with other rows.
document.addEventListener("htmx:afterSettle", sync);
