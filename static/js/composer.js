// What was sent leaves the field; what was not stays in it.
document.addEventListener("htmx:afterRequest", (e) => {
  const form = e.target.closest?.("[data-composer] form");
  if (form && e.detail.successful) form.reset();
});
