// A call on this page: who is in is asked of the server every three seconds and on every hint; each of the others gets a
// tile and a connection. A page that goes takes the call along to the next page of the same tab.
import * as media from "./call-media.js";
import { Peer } from "./call-peer.js";
import { arrange, drop, Tile } from "./call-tiles.js";
import { look } from "./call-ring.js";
import { complain, show } from "./toast.js";
import { parse, send, uuid } from "./wire.js";

const BEAT = 3000;
const HELD = "call";
let call = null;

const remember = () => {
  try {
    if (call) sessionStorage.setItem(HELD, JSON.stringify({ joins: call.joins, ...call.wish, size: call.dock.dataset.size }));
    else sessionStorage.removeItem(HELD);
  } catch {}
};

async function enter(url, values, wish) {
  if (call) await leave();
  const session = uuid();
  const answer = await send(url, { ...values, session });
  if (!answer.ok) {
    look();
    if (wish.again) return void sessionStorage.removeItem(HELD);
    return complain(answer);
  }
  const dock = parse(answer.html).querySelector("#call");
  document.getElementById("call-place").replaceChildren(dock);
  const { call: id, kind, ice, elsewhere } = dock.dataset;
  call = { id, session, dock, ice: JSON.parse(ice), peers: new Map(), mesh: elsewhere === undefined, joins: `/calls/${id}/joins/` };
  call.wish = { mic: wish.mic ?? true, cam: wish.cam ?? kind === "video" };
  if (wish.size) dock.dataset.size = wish.size;
  call.ticking = [setInterval(beat, BEAT), setInterval(clock, 1000)];
  clock();
  remember();
  look();
  if (!wish.again) dock.focus(); // not one of its buttons: Enter pressed twice would press it
  if (call.mesh) {
    call.mine = new Tile(dock, null, true);
    await begin();
  }
  if (call?.session === session) beat();
}

async function begin() {
  const { session, dock, wish } = call;
  if (!media.possible()) return note(dock.dataset.wordInsecure);
  const failed = await media.open(wish);
  if (call?.session !== session) return media.close();
  if (failed.includes("audio")) note(dock.dataset.wordNoMic);
  else if (failed.length) note(dock.dataset.wordNoCam);
}

function note(text) {
  const line = call?.dock.querySelector("[data-note]");
  if (!line) return;
  line.textContent = text;
  line.hidden = !text;
}

function clock() {
  const past = Math.max(0, Math.floor(Date.now() / 1000 - call.dock.dataset.since));
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(past / 3600), Math.floor(past / 60) % 60];
  call.dock.querySelector("[data-clock]").textContent = `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(past % 60)}`;
}

async function beat() {
  if (!call) return;
  const { session, dock } = call;
  const answer = await send(dock.dataset.beats, { session });
  if (call?.session !== session) return;
  if (answer.ok) {
    if (call.cut) note("");
    call.cut = false;
    people(answer.html);
  } else if (answer.status === 0 || answer.status >= 500) {
    call.cut = true;
    note(dock.dataset.wordLost);
  } else if (answer.status === 410 && call.cut) enter(call.joins, {}, { ...call.wish, size: dock.dataset.size, again: true });
  else {
    // Ended, answered elsewhere, or the card is not theirs any more: nothing is heard or shown from here on.
    close();
    if (answer.status === 410) show({ text: answer.text });
    look();
  }
}

function people(html) {
  const list = parse(html).querySelector("[data-people]");
  call.dock.querySelector("[data-people]").replaceWith(list);
  if (!call.mesh) return;
  const inside = new Set();
  for (const line of list.querySelectorAll("[data-session]")) {
    const { session } = line.dataset;
    if (session === call.session) call.mine.name(line);
    else {
      inside.add(session);
      const peer = peerOf(session);
      peer.tile ??= new Tile(call.dock, peer);
      peer.tile.name(line);
    }
  }
  for (const [session, peer] of call.peers) {
    // One whose signal came before the list is still young; the next beat knows.
    if (inside.has(session) || !peer.tile) continue;
    peer.shut();
    drop(peer.tile);
    call.peers.delete(session);
  }
  arrange(call.dock);
}

function peerOf(session) {
  if (call.peers.has(session)) return call.peers.get(session);
  const { dock, session: own, ice } = call;
  const pass = async (words) => {
    for (let tries = 0; call?.session === own && tries < 5; tries += 1) {
      const answer = await send(dock.dataset.signals, { session: own, to: session, words });
      if (answer.status !== 0 && answer.status < 500) return;
      await new Promise((done) => setTimeout(done, 1000));
    }
  };
  const peer = new Peer({ ice, offers: own < session, pass, told: () => peer.tile?.draw() });
  call.peers.set(session, peer);
  return peer;
}

function close() {
  for (const one of call.ticking) clearInterval(one);
  for (const peer of call.peers.values()) peer.shut();
  media.close();
  call.dock.remove();
  call = null;
  remember();
}

async function leave() {
  const { dock, session } = call;
  close();
  await send(dock.dataset.departures, { session });
}

document.addEventListener("live:call", ({ detail }) => String(detail.call) === call?.id && beat());
document.addEventListener("live:signal", ({ detail }) => {
  if (detail.to !== call?.session) return;
  const young = !call.peers.has(detail.from);
  peerOf(detail.from).hear(JSON.parse(detail.words));
  if (young) beat();
});
document.addEventListener("live:back", async () => {
  if (!call) return;
  await beat();
  for (const peer of call?.peers.values() ?? []) peer.again();
});
document.addEventListener("call:media", () => {
  if (!call) return;
  const { mic, cam, screen } = media.state();
  if (media.possible()) Object.assign(call.wish, { mic, cam });
  remember();
  for (const [name, on] of Object.entries({ mic, cam, screen })) {
    call.dock.querySelector(`[data-call-tool=${name}]`)?.setAttribute("aria-pressed", on);
  }
  for (const peer of call.peers.values()) peer.show();
  call.mine?.draw();
});

document.addEventListener("click", async (e) => {
  const starts = e.target.closest("[data-call-start]");
  if (starts) return enter(starts.dataset.callStart, { kind: starts.dataset.kind }, {});
  const joins = e.target.closest("[data-call-join]");
  if (joins) return enter(joins.dataset.callJoin, {}, {});
  if (!call || !e.target.closest("#call")) return;
  if (e.target.closest("[data-call-leave]")) {
    await leave();
    return look();
  }
  const { callTool: tool } = e.target.closest("[data-call-tool]")?.dataset ?? {};
  if (tool) {
    try {
      await media.toggle(tool);
      note("");
    } catch (error) {
      const { wordNoMic, wordNoCam, wordNoScreen } = call?.dock.dataset ?? {};
      const words = { mic: wordNoMic, cam: wordNoCam, screen: wordNoScreen };
      // Whoever closes the browser's choice of a screen knows that.
      if (tool !== "screen" || error.name !== "NotAllowedError") note(words[tool]);
    }
  }
  const { callSize: size } = e.target.closest("[data-call-size]")?.dataset ?? {};
  if (size) {
    call.dock.dataset.size = call.dock.dataset.size === size ? "" : size;
    remember();
  }
});

// The next page of the same tab goes on talking.
const held = document.getElementById("call-place") && sessionStorage.getItem(HELD);
if (held) {
  const { joins, ...wish } = JSON.parse(held);
  enter(joins, {}, { ...wish, again: true });
}
