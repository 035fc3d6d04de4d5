// Choosing rows of a list: a bar floats over it while some are chosen. Its buttons send the checked boxes themselves.
const bar = document.getElementById("bulk");
const boxes = () => [...document.querySelectorAll("[data-bulk-one]")];

function sync() {
  const all = document.querySelector("[data-bulk-all]");
  const rows = boxes();
  const chosen = rows.filter((box) => box.checked).length;
  for (const box of rows) box.closest("tr").setAttribute("aria-selected", String(box.checked));
  if (all) {
    all.checked = chosen > 0 && chosen === rows.length;
    all.indeterminate = chosen > 0 && chosen < rows.length;
  }
  bar.hidden = chosen === 0;
  bar.querySelector("[data-bulk-count]").textContent = chosen;
}

function choose(all) {
  for (const box of boxes()) box.checked = all;
  sync();
}

if (bar) {
  document.addEventListener("change", (e) => {
    if (e.target.matches("[data-bulk-all]")) choose(e.target.checked);
    else if (e.target.matches("[data-bulk-one]")) sync();
  });
  bar.querySelector("[data-bulk-clear]").addEventListener("click", () => choose(false));
  document.body.addEventListener("bulk-done", () => choose(false));
  // The list may have been drawn anew with other rows.
  document.body.addEventListener("htmx:afterSettle", sync);
}
