// [data-reveal=id] shows what is typed in a password field, and hides it again.
document.addEventListener("click", (e) => {
  const button = e.target.closest("[data-reveal]");
  if (!button) return;
  const field = document.getElementById(button.dataset.reveal);
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", shown);
});
