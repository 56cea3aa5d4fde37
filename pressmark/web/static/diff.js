// j and k go from change to change, ? tells the keys.
"use strict";
const changes = [...document.querySelectorAll("[data-change]")];
const help = document.getElementById("keys");
let at = -1;
const go = (to) => {
  at = Math.min(Math.max(to, 0), changes.length - 1);
  if (!changes[at]) return;
  changes[at].tabIndex = -1;
  changes[at].focus();
  changes[at].scrollIntoView({ block: "center" });
};
const keys = { j: () => go(at + 1), k: () => go(at - 1), "?": () => (help.open ? help.close() : help.showModal()) };
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (typing || event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
document.getElementById("show-keys").hidden = false;
document.getElementById("show-keys").addEventListener("click", keys["?"]);
