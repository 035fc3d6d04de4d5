// The person's own sound and picture: which devices, what is on, and a screen in the place of the camera.
const PICTURE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 24 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const tracks = { audio: null, camera: null, screen: null };
let sound = true; // whether the microphone is on

const changed = () => document.dispatchEvent(new CustomEvent("call:media"));
const prefer = (kind) => {
  try {
    return localStorage.getItem(`call:${kind}`) ?? "";
  } catch {
    return "";
  }
};

/** What goes to the others now: one sound and one picture, either of which may be null. */
export const track = (kind) => (kind === "audio" ? tracks.audio : (tracks.screen ?? tracks.camera));
export const state = () => ({
  mic: Boolean(tracks.audio) && sound, cam: Boolean(tracks.camera), screen: Boolean(tracks.screen),
});
export const possible = () => Boolean(navigator.mediaDevices?.getUserMedia);

function stop(name) {
  tracks[name]?.stop();
  tracks[name] = null;
}

function put(name, fresh) {
  stop(name);
  tracks[name] = fresh;
  // Unplugged, or ended by the browser's own button.
  fresh.addEventListener("ended", () => {
    if (tracks[name] !== fresh) return;
    stop(name);
    changed();
  });
  if (name === "audio") fresh.enabled = sound;
}

async function take(name) {
  const [kind, basis] = name === "audio" ? ["audio", SOUND] : ["video", PICTURE];
  const deviceId = prefer(`${kind}input`);
  const found = await navigator.mediaDevices.getUserMedia({ [kind]: { ...basis, ...(deviceId && { deviceId }) } });
  put(name, found.getTracks()[0]);
}

/** Opens microphone and camera as wanted; returns the names of those that could not be opened. */
export async function open({ mic = true, cam = false }) {
  sound = mic;
  const failed = [];
  for (const name of cam ? ["audio", "camera"] : ["audio"]) {
    try {
      await take(name);
    } catch {
      failed.push(name);
    }
  }
  changed();
  return failed;
}

/** Turns one of mic, cam, screen on or off; rejects when the browser does not give it. */
export async function toggle(name) {
  if (name === "mic" && tracks.audio) {
    sound = !sound;
    tracks.audio.enabled = sound;
  } else if (name === "mic") {
    sound = true;
    await take("audio");
  } else if (name === "cam" && tracks.camera) stop("camera");
  else if (name === "cam") await take("camera");
  else if (tracks.screen) stop("screen");
  else put("screen", (await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15 } } })).getVideoTracks()[0]);
  changed();
}

/** Devices of one kind, as the browser names them, and which is in use. */
export async function devices(kind) {
  const found = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === kind && one.deviceId);
  const used = { audioinput: tracks.audio, videoinput: tracks.camera }[kind]?.getSettings().deviceId;
  return found.map(({ deviceId, label }) => ({ deviceId, label, used: deviceId === (used ?? prefer(kind)) }));
}

/** Uses another device from now on; for speakers the caller sets the outputs. */
export async function use(kind, deviceId) {
  try {
    localStorage.setItem(`call:${kind}`, deviceId);
  } catch {}
  if (kind === "audioinput") await take("audio");
  if (kind === "videoinput" && tracks.camera) await take("camera");
  changed();
}

export const speaker = () => prefer("audiooutput");

/** Lets go of everything: the lights of camera and microphone go out. */
export function close() {
  for (const name of Object.keys(tracks)) stop(name);
}
