// Each page that comes into the frame says first of all, by a script of ours, which one it is. When it is not the one that
// this bar tells of, it is taken out at once, and the bar of that page opens it anew: whoever lies here is only led there.
"use strict";
const frame = document.querySelector("iframe.replay");
const about = document.getElementById("about-frame");

addEventListener("message", ({ source, data }) => {
  if (source !== frame.contentWindow || typeof data?.around !== "string" || data.url === frame.dataset.url) return;
  if (data.around.startsWith(`${location.origin}/_pressmark/bar/`)) {
    frame.remove();
    location.replace(data.around);
  } else {
    about.textContent = about.dataset.moved;
    about.className = "note";
  }
});
