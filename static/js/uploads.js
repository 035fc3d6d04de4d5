// Files on their way in: dragged from the desk or chosen, whole folders too, a few at a time, resumed after a lost line.
import { Upload } from "tus-js-client";
import { show } from "./toast.js";

const box = document.getElementById("uploads");
const AT_ONCE = 3;
const PIECE = 16 * 1024 * 1024;
const FINAL = new Set([400, 403, 404, 413, 415, 422, 503, 507]);

const waiting = [];
const running = new Set();
const failed = [];
let all = 0;
let done = 0;
let newer = 0;
let bytes = 0;
let sent = 0;

/* ——— what was dragged or chosen ——— */

function read(reader) {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

// A dragged folder is walked as the browser gives it: a hundred names at a time.
async function walk(entry, path, found) {
  if (entry.isFile) {
    found.push({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), path: path + entry.name });
  } else if (entry.isDirectory) {
    const reader = entry.createReader();
    for (let some = await read(reader); some.length; some = await read(reader)) {
      for (const inner of some) await walk(inner, `${path}${entry.name}/`, found);
    }
  }
  return found;
}

async function dragged(transfer) {
  // Taken before the first wait: the browser empties the transfer after that.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, path: file.name }));
  const found = [];
  for (const entry of entries) await walk(entry, "", found);
  return found;
}

/* ——— sending ——— */

function words(error) {
  const text = error.originalResponse?.getHeader("Content-Type")?.startsWith("text/plain") && error.originalResponse.getBody();
  const status = error.originalResponse?.getStatus();
  return text || (status === 404 ? box.dataset.wordForbidden : status ? box.dataset.wordFailed : box.dataset.wordLost);
}

function begin(one) {
  running.add(one);
  one.upload = new Upload(one.file, {
    endpoint: one.url,
    metadata: { filename: one.file.name, relativePath: one.path },
    chunkSize: PIECE,
    retryDelays: [500, 2000, 5000, 10000, 20000],
    overridePatchMethod: true,
    uploadDataDuringCreation: true,
    // What goes over in one piece has nothing to be resumed.
    storeFingerprintForResuming: one.file.size > PIECE,
    removeFingerprintOnSuccess: true,
    headers: { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
    onShouldRetry: (error) => !FINAL.has(error.originalResponse?.getStatus()),
    onProgress: (now) => {
      sent += now - one.sent;
      one.sent = now;
      draw();
    },
    onError: (error) => {
      one.why = words(error);
      sent -= one.sent;
      one.sent = 0;
      failed.push(one);
      ended(one);
    },
    onSuccess: ({ lastResponse }) => {
      if (lastResponse?.getHeader("Upload-Version") > 1) newer += 1;
      sent += one.file.size - one.sent;
      done += 1;
      ended(one);
    },
  });
  const start = () => one.upload.start();
  if (one.file.size <= PIECE) start();
  else {
    one.upload.findPreviousUploads().then((before) => {
      if (before.length) one.upload.resumeFromPreviousUpload(before[0]);
      start();
    }, start);
  }
}

function ended(one) {
  running.delete(one);
  tell(one);
  next();
}

function next() {
  while (running.size < AT_ONCE && waiting.length) begin(waiting.shift());
  draw();
  if (!running.size && !waiting.length) finish();
}

function finish() {
  if (done && !failed.length) {
    const counts = [[box.dataset.wordDone, done - newer], [box.dataset.wordNewer, newer]].filter(([, n]) => n);
    show({ text: counts.map(([word, n]) => `${word}: ${n}`).join(". ") });
    box.hidden = true;
  }
  all = done = newer = bytes = sent = 0;
}

/** Sends files (as {file, path}) to an address of uploads; `card` is the board's card they were dropped on, if any. */
export function add(found, url, card = null) {
  for (const { file, path } of found) {
    waiting.push({ file, path, url, card, sent: 0 });
    all += 1;
    bytes += file.size;
  }
  if (found.length) box.hidden = false;
  next();
}

// The page draws its folder anew: soon at first, then ever more rarely while many are on their way, and at the end.
let told = null;
let pause = 1000;
const changed = new Set();
function tell({ card }) {
  if (card) changed.add(card);
  const busy = running.size + waiting.length > 0;
  if (!busy) {
    clearTimeout(told);
    told = null;
    pause = 1000;
  }
  told ??= setTimeout(() => {
    told = null;
    if (busy) pause = Math.min(2 * pause, 16000);
    document.body.dispatchEvent(new CustomEvent("files-changed", { detail: {}, bubbles: true }));
    for (const id of changed) document.body.dispatchEvent(new CustomEvent("card-changed", { detail: { id }, bubbles: true }));
    changed.clear();
  }, busy ? pause : 50);
}

/* ——— how far it has come ——— */

function row(one, text, label, act) {
  const line = document.createElement("li");
  const name = document.createElement("span");
  name.className = "cut";
  name.textContent = one.file.name;
  const note = document.createElement("small");
  note.textContent = text;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--quiet btn--sm";
  button.textContent = label;
  button.addEventListener("click", act);
  line.append(name, note, button);
  return line;
}

function cancel(one) {
  one.upload.abort();
  if (one.upload.url) {
    const headers = { "X-CSRFToken": one.upload.options.headers["X-CSRFToken"], "X-HTTP-Method-Override": "DELETE" };
    fetch(one.upload.url, { method: "POST", headers }).catch(() => {});
  }
  sent -= one.sent;
  bytes -= one.file.size;
  all -= 1;
  ended(one);
}

function retry(one) {
  failed.splice(failed.indexOf(one), 1);
  add([one], one.url, one.card);
}

let frame = 0;
function draw() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    const busy = running.size + waiting.length > 0;
    box.querySelector("[data-title]").textContent = busy ? `${box.dataset.wordBusy}: ${done} / ${all}` : box.dataset.wordFailedTitle;
    const bar = box.querySelector("progress");
    bar.hidden = !busy;
    bar.max = bytes || 1;
    bar.value = sent;
    const share = (one) => `${Math.floor((100 * one.sent) / (one.file.size || 1))} %`;
    box.querySelector("ul").replaceChildren(
      ...[...running].map((one) => row(one, share(one), box.dataset.wordCancel, () => cancel(one))),
      ...failed.slice(0, 20).map((one) => row(one, one.why, box.dataset.wordRetry, () => retry(one))),
    );
    if (!busy && !failed.length) box.hidden = true;
  });
}

/* ——— where things are dropped ——— */

const folderOf = (card) => card.querySelector('a[href^="/files/of/"]')?.getAttribute("href");

function target(element) {
  const place = element.closest?.("[data-drop], .board-card");
  if (!place) return null;
  if (place.matches("[data-drop]")) return { place, url: place.dataset.drop, one: "dropOne" in place.dataset };
  const folder = folderOf(place);
  return folder ? { place, url: `${folder}uploads/`, card: place.id.slice("card-".length) } : null;
}

const carries = (e) => [...(e.dataTransfer?.types ?? [])].includes("Files");
let over = null;

function mark(place) {
  if (over === place) return;
  over?.classList.remove("is-over");
  over = place;
  over?.classList.add("is-over");
}

if (box) {
  document.addEventListener("dragover", (e) => {
    if (!carries(e)) return;
    e.preventDefault(); // or the browser leaves the page to show the file
    const found = target(e.target);
    e.dataTransfer.dropEffect = found ? "copy" : "none";
    mark(found?.place ?? null);
  });
  document.addEventListener("dragleave", (e) => !e.relatedTarget && mark(null));
  document.addEventListener("drop", async (e) => {
    if (!carries(e)) return;
    e.preventDefault();
    mark(null);
    const found = target(e.target);
    if (!found) return;
    const files = await dragged(e.dataTransfer);
    add(found.one ? files.slice(0, 1) : files, found.url, found.card);
  });
  document.addEventListener("click", (e) => {
    const pick = e.target.closest("[data-pick]");
    if (!pick) return;
    pick.closest("[popover]")?.hidePopover();
    const place = pick.closest("[data-drop]");
    place?.querySelector(`[data-picked="${pick.dataset.pick}"]`)?.click();
  });
  document.addEventListener("change", (e) => {
    const input = e.target.closest("[data-picked]");
    if (!input?.files.length) return;
    const { url } = target(input);
    add([...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })), url);
    input.value = "";
  });
  box.querySelector("[data-hide]").addEventListener("click", () => {
    failed.length = 0;
    box.hidden = true;
  });
  addEventListener("beforeunload", (e) => (running.size || waiting.length) && e.preventDefault());

  // Somebody else changed the files of the card that is open.
  let heard = null;
  document.addEventListener("live:card", ({ detail }) => {
    if (!detail.files || running.size) return;
    const open = document.querySelector(`#folder[data-card="${detail.id}"]`);
    if (!open || open.contains(document.activeElement?.closest("input:not([type=checkbox])"))) return;
    heard ??= setTimeout(() => {
      heard = null;
      document.body.dispatchEvent(new CustomEvent("files-changed", { detail: {}, bubbles: true }));
    }, 500);
  });
}
