// What was sent leaves the field; what was not stays in it. The key belongs to the words: the same words sent again,
// because the answer was lost or the button pressed twice, are the same message, other words are another.
import { uuid } from "./wire.js";

const sent = new WeakMap();
const formOf = (e) => e.target.closest?.("[data-composer] form:not([data-chat])");

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
  sent.delete(form);
});
