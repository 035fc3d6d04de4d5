// What rings for this person, on every open page of theirs; it falls silent everywhere once one page has answered.
import { complain } from "./toast.js";
import { parse, send } from "./wire.js";

const box = document.getElementById("calls");
let voice = null;
let ticking = null;

// Two soft tones every three seconds; a page that nobody has touched yet may stay silent, as browsers ask.
function tone() {
  voice ??= new AudioContext();
  if (voice.state !== "running") return void voice.resume().catch(() => {});
  for (const [pitch, at] of [[523, 0], [659, 0.22]]) {
    const [wave, loud] = [voice.createOscillator(), voice.createGain()];
    const begin = voice.currentTime + at;
    wave.frequency.value = pitch;
    loud.gain.setValueAtTime(0, begin);
    loud.gain.linearRampToValueAtTime(0.08, begin + 0.03);
    loud.gain.exponentialRampToValueAtTime(0.001, begin + 0.5);
    wave.connect(loud).connect(voice.destination);
    wave.start(begin);
    wave.stop(begin + 0.55);
  }
}

function ring(loud) {
  if (loud && !ticking) {
    tone();
    ticking = setInterval(tone, 3000);
  } else if (!loud && ticking) {
    clearInterval(ticking);
    ticking = null;
  }
}

// Buttons of a card that is being talked about lead into that call.
function mark() {
  const going = new Map([...box.querySelectorAll("[data-going]")].map((one) => [one.dataset.going, one.dataset.words]));
  for (const one of document.querySelectorAll("[data-card-calls]")) {
    const words = going.get(one.dataset.cardCalls);
    one.classList.toggle("is-going", words !== undefined);
    for (const button of one.children) {
      button.dataset.plain ??= button.title;
      button.title = words ?? button.dataset.plain;
    }
  }
}

let asking = null;

/** Asks what rings now; asked meanwhile, it asks once more. */
export async function look() {
  if (asking) return void (asking.again = true);
  asking = { again: false };
  const answer = await send(box.dataset.url, null, "GET");
  const { again } = asking;
  asking = null;
  if (answer.ok) {
    const fresh = parse(answer.html);
    const kept = new Map([...box.querySelectorAll("[data-ringing]")].map((one) => [one.dataset.ringing, one]));
    // What rings already keeps its place: a focused button stays focused.
    box.replaceChildren(...[...fresh.children].map((one) => kept.get(one.dataset.ringing) ?? one));
    ring(box.querySelector("[data-ringing]") !== null);
    mark();
  }
  if (again) look();
}

if (box) {
  document.addEventListener("click", async (e) => {
    const button = e.target.closest("[data-call-decline]");
    if (!button) return;
    button.closest("[data-ringing]").remove();
    ring(box.querySelector("[data-ringing]") !== null);
    const answer = await send(button.dataset.callDecline, {});
    if (!answer.ok) complain(answer);
  });
  document.addEventListener("live:call", look);
  document.addEventListener("live:back", look);
  document.addEventListener("htmx:afterSettle", mark);
  if (box.dataset.now !== undefined) look();
}
