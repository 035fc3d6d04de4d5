// «@» in a chat offers those who see the card, and nobody else; the server decides again.
import { parse, send } from "./wire.js";

const menu = () => document.getElementById("people-menu");
const FRESH = 60000;
let people = [];
let room = null;
let known = 0;
let field = null;

async function load(form) {
  if (room === form.dataset.chat && Date.now() - known < FRESH) return;
  const answer = await send(`/chats/${form.dataset.chat}/people/`, null, "GET");
  if (!answer.ok) return;
  [room, known] = [form.dataset.chat, Date.now()];
  people = [...parse(answer.html).querySelectorAll("[data-person]")];
}

/** Ids of the people whom the text calls by name. */
export const called = (text) =>
  people.filter((one) => text.includes(`@${one.dataset.name}`)).map((one) => one.dataset.person);

// What stands between the last «@» and the caret, or null.
function asked() {
  const text = field.value.slice(0, field.selectionStart);
  return /(?:^|[\s(«])@([\p{L}-]*(?: [\p{L}-]*)?)$/u.exec(text)?.[1] ?? null;
}

function hide() {
  if (menu()?.matches(":popover-open")) menu().hidePopover();
}

function offer() {
  const begun = asked();
  const words = begun?.toLowerCase().replaceAll("ё", "е") ?? "";
  const fit = begun === null ? [] : people.filter((p) => ` ${p.dataset.name.toLowerCase().replaceAll("ё", "е")}`.includes(` ${words}`));
  if (!fit.length || fit.some((p) => p.dataset.name === begun)) return hide();
  const box = menu();
  box.replaceChildren(...fit.slice(0, 8).map((p) => p.cloneNode(true)));
  select(box.firstElementChild);
  if (!box.matches(":popover-open")) box.showPopover();
  const place = field.getBoundingClientRect();
  box.style.setProperty("left", `${place.left}px`);
  box.style.setProperty("top", `${Math.max(8, place.top - box.offsetHeight - 6)}px`);
}

function select(option) {
  for (const one of menu().children) one.setAttribute("aria-selected", one === option);
}

function choose(option) {
  const caret = field.selectionStart;
  const start = caret - asked().length;
  const name = `${option.dataset.name} `;
  field.setRangeText(name, start, caret, "end");
  hide();
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", async (e) => {
  const form = e.target.closest("form[data-chat]");
  if (!form || e.target.name !== "text") return;
  field = e.target;
  if (!field.value.includes("@")) return hide();
  await load(form);
  offer();
});

document.addEventListener(
  "keydown",
  (e) => {
    if (e.target !== field || !menu()?.matches(":popover-open")) return;
    const options = [...menu().children];
    const now = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (e.key === "ArrowDown" || e.key === "ArrowUp") select(options.at((now + (e.key === "ArrowDown" ? 1 : -1)) % options.length));
    else if ((e.key === "Enter" && !e.ctrlKey) || e.key === "Tab") choose(options[now]);
    else if (e.key === "Escape") hide();
    else return;
    e.preventDefault();
    e.stopPropagation();
  },
  true,
);

document.addEventListener("click", (e) => {
  const option = e.target.closest("#people-menu [data-person]");
  if (option) return choose(option);
  const button = e.target.closest("[data-at].btn");
  const form = button?.closest("form[data-chat]");
  if (!form) return hide();
  field = form.elements.text;
  const gap = field.value && !/\s$/.test(field.value.slice(0, field.selectionStart)) ? " @" : "@";
  field.setRangeText(gap, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
