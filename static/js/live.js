// The line to the server: frames become "live:<type>" events, a lost line becomes the offline strip.
const { socket } = document.body.dataset;
const strip = document.getElementById("offline");
const LONGEST = 30000;
// What is said after a page was drawn and before its line is open is not heard: a page that was slow to open it asks.
const LATE = 700;
const drawn = performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
// What changes something or opens a form that does; what waits for the line by itself, and what leads to a page, stay.
const ACTS = [
  "[type=submit]:not([data-waits])", ":is(button, input)[hx-post]", ":is(a, button)[hx-get]:not([hx-trigger])",
  "[data-undo]", "[data-move-to]", "[data-plan]", "[data-pick]", "[data-call-start]", ".board-card__move", ".stages-close",
].join();
let attempt = 0;

function offline(lost) {
  if (strip) {
    strip.hidden = !lost;
    strip.querySelector("[data-attempt]").textContent = Math.max(1, attempt);
  }
  document.body.classList.toggle("is-offline", lost);
  for (const way of document.querySelectorAll(lost ? ACTS : "[data-offline]")) {
    if (lost && way.disabled) continue;
    way.inert = lost;
    way.toggleAttribute("disabled", lost && way.matches("button, input"));
    way.toggleAttribute("data-offline", lost);
  }
}

// A closed socket alone is not "no connection": a proxy may allow only plain requests.
async function reachable() {
  if (!navigator.onLine) return false;
  try {
    return (await fetch("/healthz", { cache: "no-store" })).status < 500;
  } catch {
    return false;
  }
}

function connect() {
  const line = new WebSocket(new URL(socket, location.href.replace(/^http/, "ws")));
  line.onopen = () => {
    if (attempt) document.dispatchEvent(new CustomEvent("live:back"));
    else if (performance.now() - drawn > LATE) document.dispatchEvent(new CustomEvent("live:late"));
    attempt = 0;
    document.body.toggleAttribute("data-live", true);
    offline(false);
  };
  line.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    document.dispatchEvent(new CustomEvent(`live:${frame.type}`, { detail: frame }));
  };
  line.onclose = async ({ code }) => {
    document.body.toggleAttribute("data-live", false);
    if (code >= 4400) return;
    attempt += 1;
    setTimeout(connect, Math.min(LONGEST, 500 * 2 ** attempt) * (0.75 + Math.random() / 2));
    offline(!(await reachable()));
  };
}

if (socket) {
  connect();
  addEventListener("offline", () => offline(true));
  addEventListener("online", async () => offline(!(await reachable())));
}
