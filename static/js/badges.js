// How much waits behind the sections of the menu, asked anew once something has happened: one small request for all that
// happened meanwhile, soon after this person's own act, more rarely after what others do, never from a page nobody sees.
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";
import { parse, send } from "./wire.js";

const [OWN, OTHERS] = [1000, 5000];
const { badges } = document.body.dataset;
let timer = null;
let due = Infinity;

async function ask() {
  timer = null;
  if (document.visibilityState !== "visible") return;
  due = Infinity;
  numbers();
  const answer = await send(badges, null, "GET");
  if (!answer.ok) return;
  const counts = JSON.parse(answer.html);
  for (const mark of document.querySelectorAll("[data-badge]")) {
    const sum = mark.dataset.badge.split(" ").reduce((all, name) => all + (counts[name] ?? 0), 0);
    mark.textContent = sum < 100 ? sum : "99+";
    mark.hidden = !sum;
  }
}

async function numbers() {
  const shown = document.querySelector("#numbers[data-url]");
  const answer = shown && (await send(shown.dataset.url + location.search, null, "GET"));
  if (answer?.ok) Idiomorph.morph(shown, parse(answer.html).querySelector("#numbers"));
}

function later(delay) {
  if (Date.now() + delay >= due) return;
  due = Date.now() + delay;
  clearTimeout(timer);
  timer = setTimeout(ask, delay);
}

if (badges && document.querySelector("[data-badge]")) {
  for (const name of ["card-changed", "card-moved", "chat-read"]) document.body.addEventListener(name, () => later(OWN));
  for (const name of ["live:card", "live:back"]) document.addEventListener(name, () => later(OTHERS));
  document.addEventListener("visibilitychange", () => due < Infinity && !timer && ask());
}
