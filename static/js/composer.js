// What was sent leaves the field; what was not stays in it, over a reload too. The key belongs to the words: the same words sent again,
// because the answer was lost or the button pressed twice, are the same message, other words are another.
import { keep, kept, mine } from "./kept.js";
import { uuid } from "./wire.js";

const sent = new WeakMap();
const FORMS = "[data-composer] form:not([data-chat])";
const formOf = (e) => e.target.closest?.(FORMS);
const draft = (form) => mine("draft", form.getAttribute("action"));

for (const form of document.querySelectorAll(FORMS)) form.elements.text.value ||= kept(draft(form));

document.addEventListener("input", (e) => {
  const form = formOf(e);
  if (form) keep(draft(form), form.elements.text.value);
});

document.addEventListener("htmx:configRequest", (e) => {
  const form = formOf(e);
  if (!form) return;
  const { text } = e.detail.parameters;
  if (sent.get(form)?.text !== text) sent.set(form, { text, key: uuid() });
  e.detail.parameters.key = sent.get(form).key;
});

document.addEventListener("htmx:afterRequest", (e) => {
  const form = formOf(e);
  if (!form || !e.detail.successful) return;
  if (form.elements.text.value === sent.get(form)?.text) form.reset();
  keep(draft(form), form.elements.text.value);
  sent.delete(form);
});
