// Search: arrows walk the hits, Enter opens the one that is lit.
const search = document.getElementById("search");

if (search) {
  const input = search.querySelector("input");
  const hits = () => [...search.querySelectorAll("#hits a")];
  const light = (to) => {
    for (const a of hits()) a.classList.toggle("is-on", a === to);
    to?.scrollIntoView({ block: "nearest" });
  };
  const lit = () => search.querySelector("#hits a.is-on");

  search.addEventListener("toggle", () => input.select());
  search.addEventListener("htmx:afterSwap", () => light(hits()[0]));
  input.addEventListener("keydown", (e) => {
    const list = hits();
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step && list.length) {
      e.preventDefault();
      light(list[(list.indexOf(lit()) + step + list.length) % list.length]);
    } else if (e.key === "Enter" && lit()) {
      e.preventDefault();
      lit().click();
    } else if (e.key === "Escape") {
      e.preventDefault(); // a search field would only clear itself
      search.close();
    }
  });
}
