"use strict";
const open = (id) => {
  const group = document.getElementById(id);
  if (group instanceof HTMLDetailsElement) group.open = true;
};
addEventListener("hashchange", () => open(location.hash.slice(1)));
open(location.hash.slice(1));
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
const filter = document.getElementById("filter");
if (filter) {
  filter.closest(".filter").hidden = false;
  filter.addEventListener("input", () => {
    const word = filter.value.trim().toLowerCase();
    for (const e of document.querySelectorAll("[data-name]")) {
      const other = !e.dataset.name.toLowerCase().includes(word);
      if (e instanceof HTMLDetailsElement) e.hidden = other;
      else e.classList.toggle("faded", other);
    }
  });
}
