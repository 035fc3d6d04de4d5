// [data-tab] shows the [data-pane] of its group. On a phone a card's side columns become a tab of their own.
const phone = matchMedia("(max-width: 720px)");
const chosen = new Map();

function choose(group, name) {
  const tabs = [...document.querySelectorAll(`[data-tabs="${group}"] [data-tab]`)];
  if (!tabs.some((t) => t.dataset.tab === name)) return;
  for (const t of tabs) t.setAttribute("aria-selected", t.dataset.tab === name);
  for (const p of document.querySelectorAll(`[data-pane][data-group="${group}"]`)) p.hidden = p.dataset.pane !== name;
}

function arrange() {
  const facts = document.querySelector("[data-facts]");
  if (facts) {
    const [record, left, right] = [".record", ".record__left", ".record__right"].map((s) => document.querySelector(s));
    if (phone.matches) facts.append(right, left);
    else if (facts.children.length) {
      record.prepend(left);
      record.append(right);
    }
  }
  for (const [group, name] of chosen) choose(group, name);
}

document.addEventListener("click", (e) => {
  const tab = e.target.closest("[data-tab]");
  if (!tab) return;
  const group = tab.closest("[data-tabs]").dataset.tabs;
  chosen.set(group, tab.dataset.tab);
  choose(group, tab.dataset.tab);
});

document.addEventListener("htmx:afterSettle", arrange);
phone.addEventListener("change", arrange);
for (const strip of document.querySelectorAll("[data-tabs]")) {
  const wanted = location.hash.slice(1);
  if (wanted && strip.querySelector(`[data-tab="${CSS.escape(wanted)}"]`)) chosen.set(strip.dataset.tabs, wanted);
}
arrange();
for (const feed of document.querySelectorAll("[data-bottom]")) feed.scrollTop = feed.scrollHeight;
