// The frame loads once for its own page, twice with scripts; each load after that is a link that was followed inside it.
"use strict";
const frame = document.querySelector("iframe.replay");
const about = document.getElementById("about-frame");
let loads = 0;
frame?.addEventListener("load", () => {
  loads += 1;
  if (loads > Number(about.dataset.loads || 1)) {
    about.textContent = about.dataset.moved;
    about.className = "note";
  }
});
