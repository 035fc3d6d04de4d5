// A second tap where the first one was, on what has come to stand there meanwhile, was not meant for it: nothing is decided,
// moved or ended by it.
const NEAR = 24; // px
const SOON = 1000; // ms

const acts = (button) => button && (button.matches("[hx-post], [data-move-to]") || (button.type === "submit" && button.form));
const meaning = (button) =>
  button && [button.form?.action, button.getAttribute("hx-post"), button.dataset.moveTo, button.textContent.trim()].join("\n");

let last = null;

document.addEventListener(
  "click",
  (e) => {
    if (!e.detail) return; // a key, or a script
    const button = e.target.closest("button, a");
    const what = meaning(button);
    const again = last && e.timeStamp - last.at < SOON && Math.hypot(e.clientX - last.x, e.clientY - last.y) < NEAR;
    if (again && acts(button) && what !== last.what) {
      e.preventDefault();
      e.stopImmediatePropagation();
      last.at = e.timeStamp;
    } else last = { at: e.timeStamp, x: e.clientX, y: e.clientY, what };
  },
  true,
);
