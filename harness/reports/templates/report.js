// Filters the discrepancies. Without it the page shows all of them.
const form = document.getElementById("filter");
const groups = [...document.querySelectorAll(".group")].map((group) => ({
  group,
  entries: [...group.querySelectorAll(".one")],
}));

function show() {
  const { feed, kind, text } = Object.fromEntries(new FormData(form));
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { group, entries } of groups) {
    const { feed: ownFeed, kind: ownKind } = group.dataset;
    const fits = (!feed || feed === ownFeed) && (!kind || kind === ownKind);
    let left = 0;
    for (const entry of fits ? entries : []) {
      const own = words.length ? entry.textContent.toLowerCase() : "";
      entry.hidden = !words.every((word) => own.includes(word));
      left += entry.hidden ? 0 : 1;
    }
    group.hidden = left === 0;
    shown += left;
  }
  const all = groups.reduce((sum, { entries }) => sum + entries.length, 0);
  form.querySelector("output").value = `${shown} of ${all}`;
}

if (form) {
  form.hidden = false;
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 150);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  // A link from the table of feeds may lead to what the filter hides.
  addEventListener("click", (event) => {
    const anchor = event.target.closest("a[href^='#']")?.hash.slice(1);
    if (anchor && document.getElementById(anchor)?.hidden) {
      form.reset();
      show();
    }
  });
}
