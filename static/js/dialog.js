// One host for every dialog the server draws. An answer whose root is [data-dialog] is shown; any other answer to its
// form means "done": the dialog closes and the answer's parts take their places on the page.
import htmx from "htmx.org/dist/htmx.esm.js";
import { show } from "./toast.js";
import { settle } from "./wire.js";

const host = document.getElementById("dialog");
let opener = null;
let place = null; // where the opener stands, should it be drawn anew meanwhile
let answered = false;
let touched = false;
let warned = false;

const isDialog = (html) => /^\s*(<!--[^]*?-->\s*)*<\w+[^>]*\sdata-dialog[\s>=]/.test(html);

function focusFirst(root) {
  const field = root.querySelector(".dialog__body :is(input:not([type=hidden]):not([disabled]), select, textarea)");
  const chosen = field?.type === "radio" && root.querySelector(`[name="${CSS.escape(field.name)}"]:checked`);
  const first =
    root.querySelector('[aria-invalid="true"]') ??
    root.querySelector("fieldset:has(.err) input") ??
    root.querySelector("[autofocus]") ??
    (chosen || field) ??
    root.querySelector(".dialog__body :is(button:not([disabled]), a.choice)") ??
    root.querySelector("[type=submit]");
  first?.focus();
}

function open() {
  host.setAttribute("aria-label", host.querySelector("h2")?.textContent ?? "");
  if (!host.open) {
    opener = document.activeElement;
    place = opener?.closest("[id]")?.id;
    answered = touched = warned = false;
    host.showModal();
  }
  focusFirst(host);
}

/** Shows markup whose root is [data-dialog]. The host says "cancelled" when the person turns back. */
export function fill(html) {
  host.innerHTML = html;
  htmx.process(host);
  open();
  return host;
}

/** Closes with an answer given: nothing is cancelled. */
export function done() {
  answered = true;
  if (host.open) host.close();
}

/** Takes an answer: another dialog is shown, anything else settles on the page. Says whether a dialog is open. */
export function take(html) {
  if (isDialog(html)) {
    fill(html);
    return true;
  }
  done();
  settle(html);
  return false;
}

if (host) {
  host.addEventListener("htmx:beforeSwap", (e) => {
    const { target, serverResponse, xhr } = e.detail;
    if (target !== host || (xhr.status >= 400 && xhr.status !== 422)) return;
    if (xhr.status !== 204 && isDialog(serverResponse)) return;
    e.detail.shouldSwap = false;
    // A whole page in answer to a form: the session is over and this is the way in.
    if (/<html[\s>]/i.test(serverResponse)) location.assign(xhr.responseURL);
    else take(xhr.status === 204 ? "" : serverResponse);
  });
  host.addEventListener("htmx:afterSwap", (e) => e.detail.target === host && open());
  host.addEventListener("input", () => {
    touched = true;
    warned = false;
  });
  // What was typed goes only by who means it: the first Escape says so.
  host.addEventListener("cancel", (e) => {
    if (!touched || warned) return;
    warned = true;
    e.preventDefault();
    show({ text: document.getElementById("toasts").dataset.wordUnsaved });
  });
  host.addEventListener("close", () => {
    host.replaceChildren();
    if (!answered) host.dispatchEvent(new CustomEvent("cancelled", { bubbles: true }));
    const back = opener?.isConnected ? opener : document.getElementById(place)?.querySelector("a, button");
    back?.focus();
  });
}

document.addEventListener("click", (e) => {
  const opens = e.target.closest("[data-open]");
  if (opens) {
    const dialog = document.getElementById(opens.dataset.open);
    if (dialog && !dialog.open) dialog.showModal();
    return;
  }
  const dialog = e.target.closest("dialog");
  if (!dialog) return;
  const outside = e.target === dialog && !(dialog === host && touched);
  if (outside || e.target.closest("[data-close]")) {
    e.preventDefault();
    dialog.close();
  }
});

// On a page of its own there is nothing to close: the way back is the browser's.
document.addEventListener("click", (e) => {
  if (e.target.closest("[data-close]") && !e.target.closest("dialog")) history.back();
});
