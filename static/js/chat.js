// A live chat on its own page or in a card's feed: what the server has and this page lacks is asked for by number, on a
// hint, after a lost line, on focus and every 30 s; lines stand in one order and each once, however they came.
import { recall } from "./chat-compose.js";
import { send, parse } from "./wire.js";

const EVERY = 30000;
const NEAR = 60; // pixels from the end that still count as being there
const TOGETHER = 5 * 60 * 1e6; // microseconds within which one person's messages stand under one name
const root = () => document.querySelector("[data-stream]");
const feedOf = (stream) => stream.querySelector(".feed");
const scrollOf = (stream) => stream.closest("[data-scroll]");
const number = (el, name) => Number(el.dataset[name] ?? 0);
const messages = (stream) => [...stream.querySelectorAll("[data-seq]")];
const lastSeq = (stream) => number(messages(stream).at(-1) ?? stream, "seq");
const atEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;

// A message stands by its number, what happened to the card by its time.
const before = (a, b) => {
  if (a.dataset.seq && b.dataset.seq) return number(a, "seq") < number(b, "seq");
  return number(a, "at") < number(b, "at");
};

function place(feed, line) {
  const old = document.getElementById(line.id);
  if (old) {
    if (number(line, "change") >= number(old, "change")) old.replaceWith(line);
    return;
  }
  if (line.dataset.key) feed.querySelector(`[data-pending="${CSS.escape(line.dataset.key)}"]`)?.remove();
  let after = feed.lastElementChild;
  while (after && (!after.dataset.at || before(line, after))) after = after.previousElementSibling;
  if (after) after.after(line);
  else feed.prepend(line);
}

// Days, names said once for several messages in a row, and what others have read.
function arrange(stream) {
  const feed = feedOf(stream);
  for (const made of feed.querySelectorAll("[data-made]")) made.remove();
  let last = null;
  for (const line of [...feed.children]) {
    if (!line.dataset.at) continue;
    if (line.dataset.day !== last?.dataset.day) {
      const day = document.createElement("p");
      day.className = "feed__day";
      day.dataset.made = "";
      day.textContent = line.dataset.day;
      line.before(day);
    }
    const next = line.previousElementSibling === last && line.dataset.seq && last?.dataset.author === line.dataset.author;
    line.classList.toggle("is-next", Boolean(next) && number(line, "at") - number(last, "at") < TOGETHER && !line.querySelector(".quote"));
    line.classList.toggle("is-seen", number(line, "seq") <= number(stream, "seen"));
    last = line;
  }
  for (const waiting of feed.querySelectorAll("[data-pending]")) feed.append(waiting);
}

/** Takes a piece of the chat: returns whether there is more of it after. */
function take(stream, html) {
  const piece = parse(html).querySelector("[data-piece]");
  if (!piece) return false;
  const feed = feedOf(stream);
  const [lowest, known] = [number(messages(stream)[0] ?? stream, "seq"), lastSeq(stream)];
  for (const line of [...piece.children]) {
    if (!line.dataset.at) continue;
    // Changed, but not on this page.
    if (line.dataset.seq && number(line, "seq") < lowest && number(line, "seq") < known && piece.dataset.older === undefined) continue;
    place(feed, line);
  }
  for (const name of ["changed", "read", "seen", "last"]) stream.dataset[name] = Math.max(number(stream, name), number(piece, name));
  for (const count of document.querySelectorAll("[data-show=messages] .n")) count.textContent = stream.dataset.last;
  const readers = stream.querySelector("[data-readers]");
  readers.hidden = !piece.dataset.readers;
  readers.textContent = piece.dataset.readers ? `${readers.dataset.word}: ${piece.dataset.readers}` : "";
  stream.closest(".pane, .room")?.querySelector(".empty")?.remove();
  return piece.dataset.more !== undefined;
}

const ask = (stream, values) => {
  const query = new URLSearchParams(values);
  if (stream.dataset.whole !== undefined) query.set("whole", "");
  return send(`${stream.dataset.url}?${query}`, null, "GET");
};

let asking = null;
let again = false;

/**
 * Asks for what came after the last message here; what is asked meanwhile is asked once more after that. A page that
 * stands in the middle asks only what has changed of what it shows.
 */
export function fill() {
  again = true;
  asking ??= run().finally(() => (asking = null));
  return asking;
}

async function run() {
  while (again) {
    again = false;
    const stream = root();
    if (!stream) return;
    const still = stream.dataset.more !== undefined;
    const lines = [...stream.querySelectorAll("[data-at]")];
    const answer = await ask(stream, {
      after: lastSeq(stream), changed: stream.dataset.changed, since: lines.at(-1)?.dataset.at ?? "", ...(still && { still: "" }),
    });
    if (answer.status === 404 || answer.status === 403) return gone(stream);
    if (!answer.ok) return;
    const box = scrollOf(stream);
    const stay = !still && atEnd(box);
    const known = lastSeq(stream);
    if (take(stream, answer.html)) again = true;
    if (lastSeq(stream) > known) stream.querySelector("[data-typing]").textContent = "";
    arrange(stream);
    if (stay) box.scrollTop = box.scrollHeight;
    look();
  }
}

// Access was taken back: nothing that was read stays in sight.
function gone(stream) {
  feedOf(stream).replaceChildren();
  for (const line of stream.querySelectorAll("[data-readers], [data-typing]")) line.remove();
  stream.querySelector("[data-gone]").hidden = false;
  document.querySelector("form[data-chat]")?.setAttribute("hidden", "");
  stream.removeAttribute("data-stream");
}

let loading = false;

// Earlier messages come in above without moving what is being read; later ones below, on a page opened in the middle.
async function scrolled() {
  const stream = root();
  const box = stream && scrollOf(stream);
  if (!box || loading) return;
  const lines = [...stream.querySelectorAll("[data-at]")];
  const first = number(messages(stream)[0] ?? { dataset: { seq: number(stream, "last") + 1 } }, "seq");
  const up = box.scrollTop < 400 && first > 1;
  const down = !up && stream.dataset.more !== undefined && box.scrollHeight - box.scrollTop - box.clientHeight < 400;
  if (!up && !down) return;
  loading = true;
  const changed = stream.dataset.changed;
  const answer = await ask(
    stream,
    up ? { before: first, until: lines[0]?.dataset.at ?? "" } : { after: lastSeq(stream), since: lines.at(-1)?.dataset.at ?? "" },
  );
  if (answer.ok && root() === stream) {
    await asking;
    const missed = number(stream, "changed") > changed;
    const [height, top] = [box.scrollHeight, box.scrollTop];
    const html = up ? answer.html.replace("data-piece", "data-piece data-older") : answer.html;
    const more = take(stream, html);
    if (down && !more) delete stream.dataset.more;
    arrange(stream);
    if (up) box.scrollTop = top + box.scrollHeight - height;
    // What changed while this was under way was passed over, for it was not here yet.
    if (missed) {
      stream.dataset.changed = changed;
      fill();
    }
  }
  loading = false;
  // What was said while the end was not here yet had nobody to show it.
  if (down && stream.dataset.more === undefined) fill();
  look();
}

let told = 0;
let telling = null;

// What stands in view is read: the server is told by a request of its own, the last number once in a while.
function look() {
  const stream = root();
  const box = stream && scrollOf(stream);
  if (!box || stream.dataset.more !== undefined || document.visibilityState !== "visible" || !document.hasFocus()) return;
  if (!stream.checkVisibility() || !atEnd(box)) return;
  const seq = lastSeq(stream);
  if (seq <= Math.max(told, number(stream, "read")) || telling) return;
  telling = setTimeout(async () => {
    telling = null;
    const now = lastSeq(stream);
    if ((await send(stream.dataset.reads, { seq: now })).ok) {
      told = now;
      stream.dataset.read = now;
      document.body.dispatchEvent(new CustomEvent("chat-read"));
      document.querySelector("[data-tabs=record] [data-tab=feed] .count")?.remove();
    }
  }, 700);
}

let fading = null;

function typing({ room, who }) {
  const stream = root();
  if (!stream || String(room) !== stream.dataset.room) return;
  const line = stream.querySelector("[data-typing]");
  line.textContent = `${who} ${line.dataset.word}`;
  clearTimeout(fading);
  fading = setTimeout(() => (line.textContent = ""), 5000);
}

function open() {
  const stream = root();
  if (!stream || stream.dataset.opened !== undefined) return;
  stream.dataset.opened = "";
  arrange(stream);
  recall(stream);
  const box = scrollOf(stream);
  box.addEventListener("scroll", scrolled, { passive: true });
  box.addEventListener("scroll", look, { passive: true });
  const goal = stream.dataset.goal && document.getElementById(`message-${stream.dataset.goal}`);
  const fresh = stream.querySelector("[data-new]");
  if (goal) {
    goal.scrollIntoView({ block: "center", behavior: "instant" });
    goal.classList.add("is-goal");
  } else if (fresh) fresh.scrollIntoView({ block: "start", behavior: "instant" });
  else box.scrollTop = box.scrollHeight;
  look();
}

document.addEventListener("click", (e) => {
  const jump = e.target.closest("[data-jump]");
  const there = jump && document.getElementById(`message-${jump.dataset.jump}`);
  if (!there) return;
  e.preventDefault();
  there.scrollIntoView({ block: "center" });
  there.classList.remove("is-goal");
  requestAnimationFrame(() => there.classList.add("is-goal"));
});
document.addEventListener("change", (e) => {
  if (e.target.matches("[data-submits]") && e.target.value) e.target.form.requestSubmit();
});

let rooms = null;
document.addEventListener("live:card", ({ detail }) => {
  const stream = root();
  if (stream && String(detail.id) === document.querySelector("[data-card]")?.dataset.card) fill();
  else if (stream && String(detail.room) === stream.dataset.room) fill();
  if (detail.room && document.getElementById("rooms")) {
    clearTimeout(rooms);
    rooms = setTimeout(() => document.body.dispatchEvent(new CustomEvent("chats-changed")), 500);
  }
});
let reread = null;
document.addEventListener("live:read", ({ detail }) => {
  if (String(detail.room) !== root()?.dataset.room) return;
  clearTimeout(reread);
  reread = setTimeout(fill, 1500);
});
document.addEventListener("live:typing", ({ detail }) => typing(detail));
for (const told of ["live:back", "live:late"]) document.addEventListener(told, fill);
document.addEventListener("chat:sent", fill);
document.body.addEventListener("card-changed", fill);
document.addEventListener("htmx:afterSettle", open);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && fill());
document.addEventListener("click", look);
addEventListener("focus", () => fill().then(look));
addEventListener("online", fill);
setInterval(() => root() && fill(), EVERY);
open();
