// <pick-one>: a choice among thousands of rows. What its <select> holds is at hand; the others the server finds by words.
import TomSelect from "tom-select/base";
import clearButton from "tom-select/plugins/clear_button/plugin.js";
import { send } from "./wire.js";

TomSelect.define("clear_button", clearButton);

const GAP = 4;

class PickOne extends HTMLElement {
  connectedCallback() {
    const select = this.querySelector("select");
    if (!select || this.tom) return;
    const { url, wordClear, wordBusy, wordNone, wordLost } = this.dataset;
    const said = (word) => () => `<div class="pick__said">${word}</div>`;
    const found = new Map(); // what was typed → the values it found, in the server's order

    this.tom = new TomSelect(select, {
      plugins: wordClear ? { clear_button: { title: wordClear, tabindex: -1 } } : {},
      copyClassesToDropdown: false,
      maxOptions: null,
      highlight: false,
      refreshThrottle: 0, // Enter takes what is shown for what is typed, nothing older
      loadThrottle: 200,
      score: (typed) => {
        const values = found.get(typed) ?? [];
        return ({ value }) => (values.includes(value) ? 1 / (1 + values.indexOf(value)) : 0);
      },
      async load(typed, done) {
        const answer = await send(`${url}?${new URLSearchParams({ q: typed })}`, {}, "GET");
        const rows = answer.ok ? JSON.parse(answer.html).rows : [];
        if (answer.ok) found.set(typed, rows.map((row) => row.value));
        else delete this.loadedSearches[typed];
        if (select.tomselect === this) done(rows.filter((row) => !this.options[row.value]));
      },
      render: {
        loading: said(wordBusy),
        no_results: ({ input }) => said(found.has(input) ? wordNone : wordLost)(),
      },
      onDropdownOpen: (list) => list.showPopover(),
      onDropdownClose: (list) => list.hidePopover(),
    });
    this.arm(select);
  }

  arm(select) {
    const { tom } = this;
    const { control_input: input, wrapper, dropdown } = tom;
    select.ariaHidden = "true"; // the field beside it has the label now
    for (const name of ["aria-invalid", "aria-describedby"]) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    }
    // In the top layer no dialog's edge cuts the list.
    dropdown.popover = "manual";
    const place = () => {
      const at = wrapper.getBoundingClientRect();
      const below = innerHeight - at.bottom - GAP;
      const up = below < dropdown.offsetHeight && at.top > below;
      dropdown.style.left = `${at.left}px`;
      dropdown.style.width = `${at.width}px`;
      dropdown.style.top = `${up ? Math.max(GAP, at.top - GAP - dropdown.offsetHeight) : at.bottom + GAP}px`;
    };
    tom.positionDropdown = place;
    tom.on("dropdown_open", place);
    this.moved = () => tom.isOpen && place();
    document.addEventListener("scroll", this.moved, { capture: true, passive: true });
    this.resized = new ResizeObserver(this.moved);
    this.resized.observe(dropdown);
    // Whoever is sent to the field by a script is not asked to choose yet.
    select.addEventListener("focus", () => {
      tom.settings.openOnFocus = false;
      input.focus();
      tom.settings.openOnFocus = true;
    });
    // Ctrl+Enter sends the form as it stands.
    input.addEventListener("keydown", (e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && tom.close(), { capture: true });
  }

  disconnectedCallback() {
    document.removeEventListener("scroll", this.moved, { capture: true });
    this.resized?.disconnect();
    this.tom?.destroy();
    this.tom = null;
  }
}

customElements.define("pick-one", PickOne);
