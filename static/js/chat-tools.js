// What can be done with one message: marks, an answer, other words, taking it back.
import { compose } from "./chat-compose.js";
import { fill as ask } from "./chat.js";
import { fill } from "./dialog.js";
import { complain } from "./toast.js";
import { send } from "./wire.js";

const verbs = "/chats/messages/";
let line = null;

async function act(path, values = {}) {
  const answer = await send(`${verbs}${line.dataset.pk}/${path}/`, values);
  if (answer.ok) ask();
  else complain(answer);
}

function open(button) {
  const box = document.getElementById("message-menu");
  line = button.closest("[data-seq]");
  const [own, gone] = [line.matches(".message--own"), line.matches(".message--gone")];
  for (const item of box.querySelectorAll("[data-do], .message-menu__marks")) {
    item.hidden = (gone && item.dataset.do !== "wordings") || ("own" in item.dataset && !own);
  }
  box.showPopover();
  const at = button.getBoundingClientRect();
  box.style.setProperty("left", `${Math.max(12, Math.min(at.right - box.offsetWidth, innerWidth - box.offsetWidth - 12))}px`);
  box.style.setProperty("top", `${Math.max(12, Math.min(at.bottom + 4, innerHeight - box.offsetHeight - 12))}px`);
}

const DO = {
  reply: () => compose(line.closest("[data-room]").dataset.room, "reply", line),
  edit: () => compose(line.closest("[data-room]").dataset.room, "edit", line),
  delete: () => act("deletions"),
  link: async () => {
    const { room } = line.closest("[data-room]").dataset;
    const url = new URL(`/chats/${room}/?at=${line.dataset.seq}#message-${line.dataset.seq}`, location);
    await navigator.clipboard?.writeText(url.href);
  },
  wordings: async () => {
    const answer = await send(`${verbs}${line.dataset.pk}/wordings/`, null, "GET");
    if (answer.ok) fill(answer.html);
    else complain(answer);
  },
};

document.addEventListener("click", (e) => {
  const more = e.target.closest("[data-message-menu]");
  if (more) return open(more);
  const item = e.target.closest("#message-menu [data-do], #message-menu [data-put]");
  if (item) {
    item.closest("[popover]").hidePopover();
    if (item.dataset.put) act("reactions", { mark: item.dataset.put });
    else DO[item.dataset.do]();
    return;
  }
  const mark = e.target.closest("[data-mark]");
  if (!mark) return;
  line = mark.closest("[data-seq]");
  act("reactions", { mark: mark.dataset.mark, on: mark.matches(".is-mine") ? "0" : "1" });
});

// ↑ in an empty field takes up one's last words.
document.addEventListener("keydown", (e) => {
  const form = e.target.closest?.("form[data-chat]");
  if (!form || e.key !== "ArrowUp" || e.target.value) return;
  const last = [...document.querySelectorAll(".message--own[data-text]")].at(-1);
  if (!last) return;
  e.preventDefault();
  compose(form.dataset.chat, "edit", last);
});
