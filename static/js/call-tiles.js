// The faces of a call: a tile for each person in it, the choice of devices, and how the tiles stand.
import * as media from "./call-media.js";

export class Tile {
  /** A tile in the dock; ``own`` is the person's own picture, as a mirror and without sound. */
  constructor(dock, peer, own = false) {
    this.peer = peer;
    this.box = dock.querySelector("[data-tile]").content.firstElementChild.cloneNode(true);
    this.video = this.box.querySelector("video");
    this.video.muted = true;
    // Sound has an element of its own: that of a picture stays silent until the first frame, which may never come.
    this.sound = this.box.querySelector("audio");
    this.own = own;
    if (own) this.box.classList.add("tile--own");
    dock.querySelector("[data-tiles]").append(this.box);
    speak(this.sound);
    this.draw();
  }

  name(line) {
    this.box.dataset.user = line.dataset.user;
    this.box.querySelector("[data-name]").textContent = line.querySelector("[data-name]").textContent;
    const face = this.box.querySelector(".tile__face");
    if (!face.firstChild) face.append(line.querySelector(".ava").cloneNode(true));
  }

  play(element, track) {
    if ((element.srcObject?.getTracks()[0] ?? null) !== track) element.srcObject = track && new MediaStream([track]);
  }

  draw() {
    const { mic, cam, screen } = this.own ? media.state() : this.peer.state;
    this.play(this.video, this.own ? media.track("video") : this.peer.track("video"));
    if (!this.own) this.play(this.sound, this.peer.track("audio"));
    this.box.classList.toggle("has-picture", Boolean(cam || screen));
    this.box.classList.toggle("has-screen", Boolean(screen));
    this.box.classList.toggle("is-lost", !this.own && this.peer.lost);
    this.box.querySelector(".tile__mute").hidden = mic !== false;
    arrange(this.box.closest("#call"));
  }
}

export function drop(tile) {
  tile.video.srcObject = tile.sound.srcObject = null;
  tile.box.remove();
}

/** How many tiles there are, and whether one shows a screen. */
export function arrange(dock) {
  if (!dock) return;
  const box = dock.querySelector("[data-tiles]");
  box.dataset.count = box.children.length;
  box.classList.toggle("has-screen", box.querySelector(".has-screen:not(.tile--own)") !== null);
}

function speak(sound) {
  const id = media.speaker();
  if (id) sound.setSinkId?.(id).catch(() => {});
}

async function offer(menu) {
  for (const field of menu.querySelectorAll("[data-device-field]")) {
    const select = field.querySelector("select");
    const found = await media.devices(select.dataset.device);
    const useful = found.length && (select.dataset.device !== "audiooutput" || "setSinkId" in HTMLMediaElement.prototype);
    field.hidden = !useful;
    select.replaceChildren(...found.map((one, n) => new Option(one.label || `${select.dataset.word} ${n + 1}`, one.deviceId, false, one.used)));
  }
}

const shown = () => document.querySelector("#call-devices:popover-open");
document.addEventListener(
  "beforetoggle",
  (e) => {
    if (e.target.id === "call-devices" && e.newState === "open" && media.possible()) offer(e.target);
  },
  true,
);
navigator.mediaDevices?.addEventListener?.("devicechange", () => shown() && offer(shown()));
document.addEventListener("change", async (e) => {
  const { device } = e.target.dataset;
  if (!device) return;
  await media.use(device, e.target.value).catch(() => offer(e.target.closest("#call-devices")));
  if (device === "audiooutput") for (const sound of document.querySelectorAll("#call audio")) speak(sound);
});
