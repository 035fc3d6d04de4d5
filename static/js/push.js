// Messages to this browser: permission is asked by a click on the profile's button, and never otherwise.
import { complain, show } from "./toast.js";
import { send, settle } from "./wire.js";

const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

function nameOfBrowser() {
  const brands = navigator.userAgentData?.brands?.map((b) => b.brand).filter((b) => !/not.?a.?brand|chromium/i.test(b)) ?? [];
  const known = brands[0] ?? /(Firefox|Edg|OPR|YaBrowser|Chrome|Safari)\//.exec(navigator.userAgent)?.[1] ?? "";
  return [known, navigator.userAgentData?.platform ?? navigator.platform].filter(Boolean).join(", ");
}

async function subscribe(button) {
  const { push: key, url, wordDenied, wordFailed } = button.dataset;
  if ((await Notification.requestPermission()) !== "granted") return show({ text: wordDenied, error: true });
  try {
    await navigator.serviceWorker.register("/sw.js");
    const { pushManager } = await navigator.serviceWorker.ready;
    const found = (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) })).toJSON();
    const answer = await send(url, { endpoint: found.endpoint, ...found.keys, name: nameOfBrowser() });
    if (answer.html) settle(answer.html);
    if (!answer.ok) complain(answer);
  } catch {
    show({ text: wordFailed, error: true });
  }
}

document.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-push]");
  if (!button) return;
  if (!able) return show({ text: button.dataset.wordUnable, error: true });
  button.disabled = true;
  await subscribe(button);
  button.disabled = false;
});
