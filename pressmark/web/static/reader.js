// j and k go through the pages, o opens the text, v the page as it was kept, ? tells the keys.
"use strict";
const pieces = [...document.querySelectorAll("[data-piece]")];
const help = document.getElementById("keys");
let at = -1;
const go = (to) => {
  at = Math.min(Math.max(to, 0), pieces.length - 1);
  pieces[at]?.querySelector("a").focus();
  pieces[at]?.scrollIntoView({ block: "nearest" });
};
const open = (name) => { if (pieces[at]) location.href = pieces[at].dataset[name]; };
const keys = {
  j: () => go(at + 1),
  k: () => go(at - 1),
  o: () => open("text"),
  v: () => open("page"),
  "?": () => (help.open ? help.close() : help.showModal()),
};
document.addEventListener("focusin", (event) => {
  const found = pieces.indexOf(event.target.closest("[data-piece]"));
  if (found >= 0) at = found;
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (typing || event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
document.getElementById("show-keys").hidden = false;
document.getElementById("show-keys").addEventListener("click", keys["?"]);
