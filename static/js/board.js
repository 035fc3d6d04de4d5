// The board: a drop lands at once, then the server speaks; other people's moves slide in.
import htmx from "htmx.org/dist/htmx.esm.js";
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";
import Sortable from "sortablejs";
import { done, fill } from "./dialog.js";
import { free, letter } from "./keys.js";
import { ask } from "./moves.js";
import { parse, send } from "./wire.js";

const board = document.querySelector("[data-board]");
const phone = matchMedia("(max-width: 720px), (pointer: coarse)");
const pending = new Set();
const MANY = 12;
const MOVES = ["dragover", "pointermove", "touchmove"];

const idOf = (card) => card.id.slice("card-".length);
const urlOf = (pattern, card) => pattern.replace("{id}", idOf(card)) + location.search;
const columnOf = (stage) => board.querySelector(`.column[data-stage="${CSS.escape(stage)}"]`);
const listOf = (column) => column.querySelector(".column__cards");
const accepts = (column, stage) => !("takes" in column.dataset) || column.dataset.takes.split(" ").includes(stage);

const held = (card) => card?.contains(document.activeElement) ?? false;
const hold = (card) => card?.querySelector("h3 a")?.focus({ focusVisible: true });

function count(column, step) {
  const mark = column?.querySelector("[data-count]");
  if (mark) mark.textContent = Math.max(0, Number(mark.textContent) + step);
  tabs();
}

function tabs() {
  for (const mark of document.querySelectorAll("[data-count-of]")) {
    mark.textContent = columnOf(mark.dataset.countOf)?.querySelector("[data-count]")?.textContent ?? "";
  }
}

/* ——— moving ——— */

async function carry(card, from, next, column) {
  const home = from.closest(".column");
  const id = card.id;
  const back = () => {
    const now = document.getElementById(id) ?? card;
    const focused = held(now);
    from.insertBefore(now, next?.parentElement === from ? next : from.firstElementChild);
    if (focused) hold(now);
    count(home, 1);
    count(column, -1);
  };
  pending.add(idOf(card));
  card.classList.add("is-landing");
  count(home, -1);
  count(column, 1);
  const { outcome, status } = await ask(urlOf(board.dataset.moveUrl, card), column.dataset.stage, card.dataset.version);
  pending.delete(idOf(card));
  if (outcome !== "moved") back();
  else if (column.matches(".exit")) document.getElementById(id)?.remove();
  if (status === 404 || status === 409) refresh(id.slice("card-".length));
}

function moveTo(card, column) {
  const from = card.parentElement;
  const next = card.nextElementSibling;
  slide(card, () => listOf(column).prepend(card));
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  hold(card);
  carry(card, from, next, column);
}

// Over a column that does not take it a card stands where it was, and the server says why when it is let go there.
let over = null;
const shut = () => over?.classList.contains("is-shut");

function draggable(list) {
  let next = null;
  const home = (card) => list.insertBefore(card, next?.parentElement === list ? next : null);
  const follow = (e) => {
    const { clientX, clientY } = e.touches?.[0] ?? e;
    over = document.elementFromPoint(clientX, clientY)?.closest(".column");
    const card = document.querySelector(".board-card.sortable-ghost");
    if (shut() && card && card.parentElement !== list) home(card);
  };
  Sortable.create(list, {
    group: { name: "board", put: (to, from, card) => accepts(to.el.closest(".column"), card.dataset.stage) },
    animation: 180,
    draggable: ".board-card",
    filter: "[data-still], .board-card__meta a, .board-card__meta button",
    preventOnFilter: false,
    sort: false,
    delayOnTouchOnly: true,
    onStart: ({ item }) => {
      next = item.nextElementSibling;
      over = null;
      for (const moved of MOVES) document.addEventListener(moved, follow, { passive: true });
      document.body.classList.add("is-dragging");
      for (const column of board.querySelectorAll(".column")) column.classList.toggle("is-shut", !accepts(column, item.dataset.stage) && !column.contains(item));
    },
    onEnd: ({ item, from, to }) => {
      for (const moved of MOVES) document.removeEventListener(moved, follow);
      document.body.classList.remove("is-dragging");
      const goal = shut() ? over : to.closest(".column");
      if (shut()) home(item);
      if (goal !== from.closest(".column")) carry(item, from, next, goal);
    },
  });
}

function menu(card) {
  const host = fill(document.getElementById("moves").innerHTML);
  host.querySelector(".dialog__move").textContent += columnOf(card.dataset.stage)?.dataset.name ?? "";
  for (const button of host.querySelectorAll("[data-to]")) {
    const column = columnOf(button.dataset.to);
    button.disabled = button.dataset.to === card.dataset.stage || !accepts(column, card.dataset.stage);
    button.addEventListener("click", () => {
      done();
      moveTo(card, column);
    });
  }
  host.querySelector("[data-to]:not([disabled])")?.focus();
}

function neighbour(card, step) {
  const columns = [...board.querySelectorAll(".column:not(.exit)")];
  let at = columns.indexOf(card.closest(".column")) + step;
  while (columns[at] && !accepts(columns[at], card.dataset.stage)) at += step;
  return columns[at];
}

/* ——— what the server sends ——— */

// First, last, invert, play: the card glides from where it stood.
function slide(card, change) {
  const was = card.getBoundingClientRect();
  change();
  const is = card.getBoundingClientRect();
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || !was.width) return;
  card.animate([{ transform: `translate(${was.left - is.left}px, ${was.top - is.top}px)`, zIndex: 5 }, { transform: "none", zIndex: 5 }], {
    duration: 200,
    easing: "cubic-bezier(0.2, 0.8, 0.2, 1)",
  });
}

function place(fresh, text) {
  const old = document.getElementById(fresh.id);
  const column = columnOf(fresh.dataset.stage);
  if (!column || column.matches(".exit")) {
    old?.remove();
    return;
  }
  const list = listOf(column);
  const focused = held(old);
  if (old?.parentElement === list) old.replaceWith(fresh);
  else if (old) {
    const stay = old.getBoundingClientRect();
    old.replaceWith(fresh);
    slide(fresh, () => list.prepend(fresh));
    if (!stay.width) fresh.classList.add("is-new");
  } else {
    list.prepend(fresh);
    fresh.classList.add("is-new");
  }
  htmx.process(fresh);
  if (focused) hold(fresh);
  if (text) caption(fresh, text);
}

function caption(card, text) {
  const note = document.createElement("p");
  note.className = "moved-by";
  note.textContent = text;
  card.before(note);
  card.classList.add("is-remote");
  setTimeout(() => {
    note.remove();
    card.classList.remove("is-remote");
  }, 4000);
}

async function refresh(id, text) {
  const answer = await send(urlOf(board.dataset.cardUrl, { id: `card-${id}` }), null, "GET");
  if (answer.status === 404) {
    document.getElementById(`card-${id}`)?.remove();
    all = true;
    later();
  }
  if (!answer.ok) return;
  for (const fresh of [...parse(answer.html).children]) {
    if (fresh.matches(".board-card")) place(fresh, text);
    else document.getElementById(fresh.id)?.replaceWith(fresh);
  }
  tabs();
}

async function refreshAll() {
  const answer = await send(location.href, null, "GET");
  const page = answer.ok && new DOMParser().parseFromString(answer.html, "text/html");
  const fresh = page && page.getElementById("board");
  if (!fresh) return;
  document.getElementById("total").replaceWith(page.getElementById("total"));
  Idiomorph.morph(board, fresh.innerHTML, { morphStyle: "innerHTML" });
  htmx.process(board);
  tabs();
}

/* ——— what other people do ——— */

const waiting = new Map();
let all = false;
let timer = null;

const busy = () =>
  document.body.classList.contains("is-dragging") ||
  document.querySelector("dialog[open]") ||
  document.activeElement?.matches("input, textarea, select");

function flush() {
  timer = null;
  if (busy()) {
    later(500);
    return;
  }
  if (all || waiting.size > MANY) refreshAll();
  else for (const [id, text] of waiting) refresh(id, text);
  all = false;
  waiting.clear();
}

function later(delay = 150) {
  timer ??= setTimeout(flush, delay);
}

function heard({ detail }) {
  if (detail.pipeline !== board.dataset.board || pending.has(String(detail.id))) return;
  const card = document.getElementById(`card-${detail.id}`);
  if (card && !detail.anew && detail.version && Number(card.dataset.version) >= detail.version) return;
  waiting.set(String(detail.id), detail.text ?? waiting.get(String(detail.id)));
  later();
}

/* ——— what fits on the screen ——— */

function look() {
  const columns = [...board.querySelectorAll(".column:not(.exit)")];
  const right = board.scrollLeft + board.clientWidth;
  const hidden = columns.filter((c) => c.offsetLeft + c.offsetWidth / 2 > right);
  const edge = document.getElementById("edge");
  if (edge) {
    edge.hidden = !hidden.length;
    edge.querySelector("span").textContent = edge.dataset[Math.min(hidden.length, 7)] ?? "";
  }
  const near = (c) => Math.abs(c.offsetLeft - board.scrollLeft);
  const now = columns.reduce((a, c) => (near(c) < near(a) ? c : a), columns[0]);
  for (const tab of document.querySelectorAll("[data-goto]")) {
    const on = tab.dataset.goto === now?.dataset.stage;
    if (on && tab.getAttribute("aria-pressed") !== "true" && tab.offsetParent) {
      tab.parentElement.scrollTo({ left: tab.offsetLeft - tab.parentElement.offsetLeft - 12, behavior: "smooth" });
    }
    tab.setAttribute("aria-pressed", on);
  }
}

// A phone shows one column: the first that has something in it.
function start() {
  const own = columnOf(board.dataset.first);
  const filled = own?.querySelector(".board-card") ? own : [...board.querySelectorAll(".column:not(.exit)")].find((c) => c.querySelector(".board-card"));
  if (filled && innerWidth <= 720) board.scrollLeft = filled.offsetLeft - board.offsetLeft;
}

if (board) {
  start();
  if (!phone.matches) board.querySelectorAll(".column__cards").forEach(draggable);
  board.addEventListener("scroll", look, { passive: true });
  addEventListener("resize", look);
  look();

  document.addEventListener("click", (e) => {
    const tab = e.target.closest("[data-goto]");
    if (tab) board.scrollTo({ left: columnOf(tab.dataset.goto).offsetLeft - board.offsetLeft - 12, behavior: "smooth" });
    if (e.target.closest("#edge")) board.scrollTo({ left: board.scrollWidth, behavior: "smooth" });
    const mover = e.target.closest(".board-card__move");
    if (mover) menu(mover.closest(".board-card"));
    const plan = board.dataset.planUrl && e.target.closest("[data-plan]");
    if (plan) {
      e.preventDefault();
      htmx.ajax("GET", urlOf(board.dataset.planUrl, plan.closest(".board-card")), { target: "#dialog", swap: "innerHTML" });
    }
  });
  const keys = JSON.parse(board.dataset.keys ?? "{}");
  document.addEventListener("keydown", (e) => {
    const card = document.activeElement?.closest(".board-card");
    if (!card || !free(e) || "still" in card.dataset) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    const named = columnOf(keys[card.dataset.stage]?.[letter(e)] ?? "");
    const column = step ? neighbour(card, step) : named && accepts(named, card.dataset.stage) && named;
    if (letter(e) === "m") menu(card);
    else if (column) moveTo(card, column);
    else return;
    e.preventDefault();
  });
  document.addEventListener("fragment", (e) => {
    if (e.detail.fresh.matches(".board-card")) {
      e.preventDefault();
      place(e.detail.fresh);
    }
    queueMicrotask(tabs);
  });
  document.addEventListener("live:card", heard);
  // Said by the server about this person's own act: a step planned, a contact logged. They look at it now, dialog or not.
  document.body.addEventListener("card-changed", ({ detail }) => {
    if (board.dataset.cardUrl && detail.id) return refresh(String(detail.id));
    all = true;
    later();
  });
  document.addEventListener("live:back", () => {
    all = true;
    later();
  });
}
