// What is typed and not yet sent stays in this browser, for this person alone. A private window may have no storage:
// then it lasts as long as the page.
const memory = new Map();

/** The key of something of this person's. */
export const mine = (kind, ...names) => [kind, document.body.dataset.me, ...names].join(":");

export function keep(key, value) {
  memory.set(key, value);
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {}
}

export function kept(key) {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return memory.get(key) ?? "";
  }
}
