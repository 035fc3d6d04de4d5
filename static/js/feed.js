// The feed of a card narrowed to one kind: the chat is the live one without what stands between, the rest is asked for.
import htmx from "htmx.org/dist/htmx.esm.js";
import { send } from "./wire.js";

let shown = "";

async function show(again = false) {
  const bar = document.querySelector("[data-feed-filter]");
  if (!bar) return;
  const live = bar.parentElement.querySelector(".stream, .feed:not([data-told])");
  const told = bar.parentElement.querySelector("[data-told]");
  for (const one of bar.children) one.setAttribute("aria-pressed", one.dataset.show === shown);
  const apart = shown !== "" && shown !== "messages";
  live.hidden = apart;
  live.classList.toggle("is-talk-only", shown === "messages");
  told.hidden = !apart;
  if (!apart) {
    if (!again) live.closest("[data-scroll]").scrollTop = live.closest("[data-scroll]").scrollHeight;
    return;
  }
  const wanted = shown;
  const answer = await send(`${bar.dataset.feedFilter}?show=${wanted}`, null, "GET");
  if (!answer.ok || wanted !== shown) return;
  told.innerHTML = answer.html;
  htmx.process(told);
  if (!again) told.closest("[data-scroll]").scrollTop = told.closest("[data-scroll]").scrollHeight;
}

document.addEventListener("click", (e) => {
  const button = e.target.closest("[data-feed-filter] [data-show]");
  if (!button) return;
  shown = button.dataset.show;
  button.scrollIntoView({ block: "nearest", inline: "nearest" });
  show();
});
// The page's answer brings its own first state.
document.addEventListener("htmx:afterSettle", (e) => shown && e.target.id === "record" && show(true));
document.addEventListener("chat:sent", () => {
  if (shown !== "" && shown !== "messages") {
    shown = "";
    show();
  }
});
