// Talking to the server outside htmx's attributes: one way to send, one way to take an answer.
import htmx from "htmx.org/dist/htmx.esm.js";
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";

/** A key of one act, which makes sending it twice harmless; crypto.randomUUID is there on https alone. */
export const uuid = () => {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  return [...b].map((x, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + x.toString(16).padStart(2, "0")).join("");
};

export const token = () => document.querySelector('meta[name="csrf-token"]').content;

document.addEventListener("htmx:configRequest", (e) => {
  e.detail.headers["X-CSRFToken"] = token();
});

// What is being answered cannot be sent again, and a double click is one press.
const sending = new WeakMap();

document.addEventListener("htmx:beforeSend", ({ detail: { elt, requestConfig } }) => {
  if (requestConfig.verb === "get") return;
  const ways = elt.matches("form") ? [...elt.querySelectorAll("[type=submit]:enabled")] : elt.matches("button:enabled") ? [elt] : [];
  sending.set(elt, { ways, held: ways.find((way) => way === document.activeElement) });
  for (const way of ways) way.disabled = true;
});

document.addEventListener("htmx:afterRequest", ({ detail: { elt } }) => {
  const { ways = [], held } = sending.get(elt) ?? {};
  sending.delete(elt);
  for (const way of ways) way.disabled = false;
  if (document.activeElement === document.body) held?.focus();
});

document.addEventListener(
  "click",
  (e) => {
    if (e.detail < 2 || !e.target.closest("[type=submit], button[hx-post], [data-move-to]")) return;
    e.preventDefault();
    e.stopImmediatePropagation();
  },
  { capture: true },
);

// hx-swap="morph:outerHTML": keeps what the person is doing inside the part that is replaced, typed words before all.
const typed = (el) => el.matches?.("input, textarea") && (el.value !== el.defaultValue || el.checked !== el.defaultChecked);
const writing = () => document.activeElement?.matches("input, textarea, select") ?? false; // a button has nothing to keep
const keeping = {
  morphStyle: "outerHTML",
  callbacks: {
    // A live chat knows itself what it lacks, and so does a folder.
    beforeNodeMorphed: (old) => !typed(old) && !old.matches?.(".stream, form[data-chat], [data-files]"),
    beforeAttributeUpdated: (name) => name !== "open",
  },
};

htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph:outerHTML",
  handleSwap: (style, target, fragment) =>
    style === "morph:outerHTML" && Idiomorph.morph(target, fragment.children, { ...keeping, ignoreActiveValue: writing() }),
});

/** Sends values and resolves to {status, text, html}; status 0 means that the server was not reached. Never rejects. */
export async function send(url, values, method = "POST") {
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
  const init = { method, headers, credentials: "same-origin" };
  if (method === "POST") {
    headers["X-CSRFToken"] = token();
    init.body = new URLSearchParams(values);
  }
  try {
    const response = await fetch(url, init);
    const body = await response.text();
    const elsewhere = response.headers.get("HX-Redirect") ?? (response.redirected ? response.url : null);
    if (elsewhere) location.assign(elsewhere);
    const plain = (response.headers.get("Content-Type") ?? "").startsWith("text/plain");
    const said = announce(response.headers.get("HX-Trigger"));
    return { status: response.status, ok: response.ok, said, text: plain ? body.trim() : "", html: plain ? "" : body };
  } catch {
    return { status: 0, ok: false, said: [], text: "", html: "" };
  }
}

// The server says what happened; regions listen on the body, as they do for htmx's own answers.
export function announce(header) {
  if (!header) return [];
  const events = header.startsWith("{") ? JSON.parse(header) : Object.fromEntries(header.split(",").map((n) => [n.trim(), {}]));
  for (const [name, detail] of Object.entries(events)) {
    document.body.dispatchEvent(new CustomEvent(name, { detail: Object(detail) === detail ? detail : { value: detail }, bubbles: true }));
  }
  return Object.keys(events);
}

export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Puts every element of an answer in the place of the one with its id; "fragment" lets a screen place its own. */
export function settle(html) {
  for (const fresh of [...parse(html).children]) {
    const event = new CustomEvent("fragment", { detail: { fresh }, cancelable: true });
    if (!document.dispatchEvent(event)) continue;
    const old = fresh.id && document.getElementById(fresh.id);
    if (!old) continue;
    old.replaceWith(fresh);
    htmx.process(fresh);
  }
}
