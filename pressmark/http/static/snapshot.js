// The frame is of another origin, and nothing in it is run: the server knows what it was given. A page that was followed
// there is opened anew with the bar that tells of it, so that no bar stands above another page than its own.
"use strict";
const frame = document.querySelector("iframe.replay");
const about = document.getElementById("about-frame");

async function follow() {
  const answer = await fetch(`/view/shown/${frame.dataset.name}`, { cache: "no-store" });
  if (!answer.ok) return;
  const { first, last } = await answer.json();
  if (last === first) return;
  if (last) {
    location.replace(last);
  } else {
    about.textContent = about.dataset.moved;
    about.className = "note";
  }
}

frame?.addEventListener("load", follow);
