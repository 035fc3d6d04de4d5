// Files in a chat: dragged, pasted or chosen, they go into the card's folder at once, with progress, and with the next
// message into the chat; one that was not sent waits beside the draft.
import { complain } from "./toast.js";
import { announce, parse, send, token, uuid } from "./wire.js";

const formOf = (el) => el.closest?.(".pane, .room")?.querySelector("form[data-chat]:not([hidden])");
const stripOf = (form) => form.querySelector("[data-attaching]");
const changed = (form) => {
  stripOf(form).hidden = !stripOf(form).children.length;
  form.dispatchEvent(new CustomEvent("chat:files", { bubbles: true }));
};

/** Ids of the files that the next message will show. */
export const attached = (form) => [...stripOf(form).querySelectorAll("[data-file]")].map((one) => one.dataset.file);
export const uploading = (form) => stripOf(form).querySelector("[data-uploading]") !== null;

/** What stands there now, as it can be put back after a reload. */
export const kept = (form) => [...stripOf(form).querySelectorAll("[data-file]")].map((one) => one.outerHTML).join("");
export function recall(form, html) {
  if (!stripOf(form).children.length) stripOf(form).append(parse(html));
  stripOf(form).hidden = !stripOf(form).children.length;
}
export function clear(form) {
  stripOf(form).replaceChildren();
  changed(form);
}

function waiting(form, file) {
  const line = document.createElement("span");
  line.className = "attached";
  line.dataset.uploading = "";
  const name = document.createElement("span");
  name.className = "cut";
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  const stop = document.createElement("button");
  stop.type = "button";
  stop.className = "btn btn--quiet btn--icon btn--sm";
  stop.textContent = "×";
  stop.setAttribute("aria-label", stripOf(form).dataset.wordCancel);
  line.append(name, bar, stop);
  stripOf(form).append(line);
  return { line, bar, stop };
}

// XMLHttpRequest alone tells how far an upload has come.
function put(form, file) {
  const { line, bar, stop } = waiting(form, file);
  const body = new FormData();
  body.append("file", file, file.name || `${uuid().slice(0, 8)}.png`);
  body.append("key", uuid());
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (e) => e.lengthComputable && (bar.value = e.loaded / e.total));
  request.addEventListener("loadend", () => {
    const said = announce(request.getResponseHeader("HX-Trigger"));
    if (request.status === 200) line.replaceWith(parse(request.responseText));
    else {
      line.remove();
      if (!request.aborted) complain({ status: request.status, text: "", said });
    }
    changed(form);
  });
  stop.addEventListener("click", () => {
    request.aborted = true;
    request.abort();
  });
  request.open("POST", `/chats/${form.dataset.chat}/files/`);
  request.setRequestHeader("X-CSRFToken", token());
  request.setRequestHeader("HX-Request", "true");
  request.send(body);
  changed(form);
}

function take(form, files) {
  document.querySelector("[data-tabs=composer] [data-tab=chat]")?.click();
  for (const file of files) put(form, file);
  form.elements.text.focus();
}

const brings = (e) => [...(e.dataTransfer?.types ?? [])].includes("Files");
// A chat takes what is dropped on it before anything around it does, but for a folder within it.
const over = (e) => (brings(e) && !e.target.closest?.("[data-drop]:not(#record)") ? formOf(e.target) : null);
document.addEventListener("dragover", (e) => {
  const form = over(e);
  for (const one of document.querySelectorAll(".is-dropping")) if (one !== form) one.classList.remove("is-dropping");
  if (!form) return;
  e.preventDefault();
  e.stopPropagation();
  e.dataTransfer.dropEffect = "copy";
  form.classList.add("is-dropping");
}, true);
document.addEventListener("dragleave", (e) => {
  if (!e.relatedTarget) for (const one of document.querySelectorAll(".is-dropping")) one.classList.remove("is-dropping");
});
document.addEventListener("drop", (e) => {
  const form = over(e);
  if (!form) return;
  e.preventDefault();
  e.stopPropagation();
  form.classList.remove("is-dropping");
  take(form, e.dataTransfer.files);
}, true);
document.addEventListener("paste", (e) => {
  const form = e.target.closest?.("form[data-chat]");
  const files = [...(e.clipboardData?.files ?? [])];
  if (!form || !files.length) return;
  e.preventDefault();
  take(form, files);
});
// A thumbnail is drawn a moment after its picture has come.
document.addEventListener(
  "error",
  ({ target: img }) => {
    const tries = Number(img.dataset?.tries ?? 0);
    if (!img.matches?.("[data-thumb]") || tries > 5) return;
    img.dataset.tries = tries + 1;
    setTimeout(() => (img.src = `${img.src.split("?")[0]}?${tries}`), 1500 * 2 ** tries);
  },
  true,
);
document.addEventListener("click", (e) => {
  const form = e.target.closest("form[data-chat]");
  if (!form) return;
  if (e.target.closest("[data-detach]")) {
    const file = e.target.closest("[data-file]");
    file.remove();
    changed(form);
    // It lies in the card's folder already, where nobody has asked for it.
    if (file.dataset.removal) send(file.dataset.removal, {}).then((answer) => answer.ok || complain(answer));
  } else if (e.target.closest("[data-attach]")) {
    const choice = document.createElement("input");
    choice.type = "file";
    choice.multiple = true;
    choice.addEventListener("change", () => take(form, choice.files));
    choice.click();
  }
});
