// What is typed in a chat outlives a reload and a lost line: drafts and what waits to be sent stay in this browser, each
// message under a key of its own, so that sending it again never says it twice.
import { attached, clear, kept as keptFiles, recall as recallFiles, uploading } from "./chat-files.js";
import { called } from "./chat-mentions.js";
import { keep, kept, mine } from "./kept.js";
import { complain, show } from "./toast.js";
import { send, uuid } from "./wire.js";

const TYPING = 3000;
const RETRY = 5000;
const at = (room, what) => mine("chat", room, what);
const formOf = (room) => document.querySelector(`form[data-chat="${room}"]`);

const queue = (room) => JSON.parse(kept(at(room, "queue")) || "[]");
const enqueue = (room, items) => keep(at(room, "queue"), items.length ? JSON.stringify(items) : "");

function pending(stream, item) {
  if (stream.querySelector(`[data-pending="${item.key}"], [data-key="${item.key}"]`)) return;
  const line = document.createElement("article");
  line.className = "feed-item message message--own message--waits";
  line.dataset.pending = item.key;
  const mark = document.createElement("span");
  mark.className = "feed-item__icon";
  const words = document.createElement("div");
  words.className = "feed-item__body";
  const text = document.createElement("p");
  text.textContent = item.text || item.names;
  const state = document.createElement("small");
  state.className = "muted";
  state.textContent = stream.dataset.wordWaits ?? "";
  words.append(text, state);
  line.append(mark, words);
  stream.querySelector(".feed").append(line);
  const box = stream.closest("[data-scroll]");
  box.scrollTop = box.scrollHeight;
}

const pumping = new Set();

/** Sends what waits, in its order, one at a time; what cannot be sent now waits on. */
async function pump(room) {
  if (pumping.has(room)) return;
  pumping.add(room);
  for (let item; (item = queue(room)[0]); ) {
    const { url, text, key, reply, mention, files = [] } = item;
    const values = [["text", text], ["key", key], ...mention.map((pk) => ["mention", pk]), ...files.map((pk) => ["file", pk])];
    if (reply) values.push(["reply", reply]);
    const answer = await send(url, values);
    const later = answer.status === 0 || answer.status >= 500 || answer.status === 200;
    if (later) {
      if (answer.status !== 200) setTimeout(() => pump(room), RETRY);
      break;
    }
    enqueue(room, queue(room).filter((other) => other.key !== key));
    if (answer.status === 204) document.dispatchEvent(new CustomEvent("chat:sent"));
    else back(room, item, answer);
  }
  pumping.delete(room);
}

// Refused: the server says why, the words return to their place.
function back(room, { key, text, chips }, answer) {
  document.querySelector(`[data-pending="${key}"]`)?.remove();
  complain(answer);
  const form = formOf(room);
  if (!form) return;
  if (chips) recallFiles(form, chips);
  put(form.elements.text, [text, form.elements.text.value].filter(Boolean).join("\n"));
}

export function put(field, text) {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

/** What this browser still holds for the chat: shown again and sent. */
export function recall(stream) {
  const { room } = stream.dataset;
  for (const item of queue(room)) pending(stream, item);
  const form = formOf(room);
  if (form && !form.elements.text.value) form.elements.text.value = kept(at(room, "draft"));
  if (form) recallFiles(form, kept(at(room, "files")));
  pump(room);
}

/** The line above the field: what is being answered or mended, or nothing. */
export function compose(room, mode, line) {
  const form = formOf(room);
  const strip = form?.querySelector("[data-composing]");
  if (!strip) return;
  delete form.dataset.reply;
  delete form.dataset.edit;
  strip.hidden = !mode;
  if (!mode) return;
  document.querySelector("[data-tabs=composer] [data-tab=chat]")?.click();
  form.dataset[mode] = mode === "reply" ? line.dataset.seq : line.dataset.pk;
  const who = line.querySelector(".feed-item__who b")?.textContent ?? "";
  const text = line.querySelector(".feed-item__body p")?.textContent.trim() ?? "";
  strip.querySelector("[data-what]").textContent = mode === "reply" ? `${who}: ${text}` : text;
  if (mode === "edit") put(form.elements.text, line.dataset.text);
  form.elements.text.focus();
}

async function mend(form, room, text) {
  const values = [["text", text], ...called(text).map((pk) => ["mention", pk])];
  const answer = await send(`/chats/messages/${form.dataset.edit}/edits/`, values);
  if (answer.status !== 204) return complain(answer);
  compose(room, null);
  put(form.elements.text, kept(at(room, "draft")));
  document.dispatchEvent(new CustomEvent("chat:sent"));
}

document.addEventListener("submit", (e) => {
  const form = e.target.closest("form[data-chat]");
  if (!form) return;
  e.preventDefault();
  const { chat: room } = form.dataset;
  const text = form.elements.text.value;
  const files = form.dataset.edit ? [] : attached(form);
  if ((!text.trim() && !files.length) || uploading(form)) return;
  const { most, wordLong } = form.querySelector("[data-composing]").dataset;
  if ([...text].length > Number(most)) return show({ text: wordLong, error: true });
  if (form.dataset.edit) return void mend(form, room, text);
  const item = { url: form.getAttribute("action"), text, key: uuid(), reply: form.dataset.reply, mention: called(text), files };
  const names = [...form.querySelectorAll("[data-file] .cut")].map((one) => one.textContent);
  Object.assign(item, { names: names.join(", "), chips: keptFiles(form) });
  clear(form);
  enqueue(room, [...queue(room), item]);
  put(form.elements.text, "");
  compose(room, null);
  const stream = document.querySelector(`[data-stream][data-room="${room}"]`);
  if (stream) pending(stream, item);
  pump(room);
});

document.addEventListener("chat:files", ({ target: form }) => {
  keep(at(form.dataset.chat, "files"), keptFiles(form));
  form.querySelector("[type=submit]").disabled = uploading(form);
});

let typed = 0;
document.addEventListener("input", (e) => {
  const form = e.target.closest("form[data-chat]");
  if (!form || e.target.name !== "text") return;
  const { chat: room } = form.dataset;
  if (!form.dataset.edit) keep(at(room, "draft"), e.target.value);
  if (!e.target.value || !e.isTrusted || !navigator.onLine || Date.now() - typed < TYPING) return;
  typed = Date.now();
  send(`/chats/${room}/typing/`, {});
});

document.addEventListener("click", (e) => {
  const form = e.target.closest("[data-uncompose]")?.closest("form[data-chat]");
  if (!form) return;
  if (form.dataset.edit) put(form.elements.text, kept(at(form.dataset.chat, "draft")));
  compose(form.dataset.chat, null);
});

const all = () => {
  for (const form of document.querySelectorAll("form[data-chat]")) pump(form.dataset.chat);
};
document.addEventListener("live:back", all);
addEventListener("online", all);
