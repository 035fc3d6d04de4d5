// One connection to one other page of the call. Of each pair the same one offers, so two offers never meet; sound and
// picture have their places from the first offer on, and what is shown there changes without another.
import { state, track } from "./call-media.js";
import { uuid } from "./wire.js";

const KINDS = ["audio", "video"];
const PATIENCE = 10000; // milliseconds until a connection that did not come about is tried anew
const TOGETHER = 80; // network addresses found within so many milliseconds go in one signal
const RATE = { camera: 700_000, screen: 1_500_000 }; // bits a second to each of the others

export class Peer {
  /** ``pass(text)`` brings words to the other page, ``told()`` hears that something of it is different. */
  constructor({ ice, offers, pass, told }) {
    Object.assign(this, { ice, offers, pass, told, state: {}, sent: Promise.resolve(), heard: Promise.resolve() });
    if (offers) this.open(uuid());
  }

  open(id) {
    this.shut();
    const pc = new RTCPeerConnection({ iceServers: this.ice });
    Object.assign(this, { id, pc, waiting: [], found: [] });
    pc.addEventListener("track", () => this.told());
    pc.addEventListener("icecandidate", (e) => e.candidate && this.offerRoad(pc, e.candidate));
    pc.addEventListener("connectionstatechange", () => this.pc === pc && this.watch());
    this.words = pc.createDataChannel("state", { negotiated: true, id: 0 });
    this.words.addEventListener("open", () => this.tell());
    this.words.addEventListener("message", (e) => {
      this.state = JSON.parse(e.data);
      this.told();
    });
    if (!this.offers) return;
    for (const kind of KINDS) pc.addTransceiver(track(kind) ?? kind);
    pc.addEventListener("negotiationneeded", async () => {
      await pc.setLocalDescription();
      this.say({ description: pc.localDescription });
    });
    this.late = setTimeout(() => pc.connectionState !== "connected" && this.open(uuid()), PATIENCE);
  }

  offerRoad(pc, candidate) {
    this.found.push(candidate);
    if (this.found.length > 1) return;
    setTimeout(() => {
      if (this.pc === pc) this.say({ roads: this.found.splice(0) });
    }, TOGETHER);
  }

  say(words) {
    const text = JSON.stringify({ pc: this.id, ...words });
    this.sent = this.sent.then(() => this.pass(text));
  }

  /** Takes what the other page says, in its order. */
  hear(words) {
    this.heard = this.heard.then(() => this.answer(words)).catch((error) => console.warn("call:", error.message));
  }

  async answer({ pc: id, description, roads = [] }) {
    if (description?.type === "offer" && id !== this.id) this.open(id);
    if (id !== this.id) return; // of a connection that is no more
    const { pc } = this;
    if (description) {
      await pc.setRemoteDescription(description);
      if (description.type === "offer") {
        for (const one of pc.getTransceivers()) one.direction = "sendrecv";
        await this.show();
        await pc.setLocalDescription();
        this.say({ description: pc.localDescription });
      }
    }
    this.waiting.push(...roads);
    if (pc.remoteDescription) for (const road of this.waiting.splice(0)) await pc.addIceCandidate(road);
  }

  /** Sends what the person shows and says now. */
  async show() {
    if (!this.pc) return;
    for (const { sender, receiver } of this.pc.getTransceivers()) {
      const { kind } = receiver.track;
      if (sender.track !== track(kind)) await sender.replaceTrack(track(kind));
      const how = kind === "video" && sender.getParameters();
      if (!how || !how.encodings?.length) continue;
      how.encodings[0].maxBitrate = state().screen ? RATE.screen : RATE.camera;
      await sender.setParameters(how).catch(() => {});
    }
    this.tell();
  }

  tell() {
    if (this.words?.readyState === "open") this.words.send(JSON.stringify(state()));
  }

  get lost() {
    return this.pc?.connectionState !== "connected";
  }

  watch() {
    if (this.pc.connectionState === "failed" && this.offers) this.open(uuid());
    if (this.pc.connectionState === "connected") this.show();
    this.told();
  }

  /** Tries once more after the line to the server was lost. */
  again() {
    if (this.offers && this.lost) this.open(uuid());
  }

  /** What comes from there, of this kind, or null. */
  track(kind) {
    const found = this.pc?.getTransceivers().find((one) => one.receiver.track.kind === kind);
    return found?.receiver.track ?? null;
  }

  shut() {
    clearTimeout(this.late);
    this.pc?.close();
  }
}
