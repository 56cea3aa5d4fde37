// Single keys go through a page, ? tells them. They are left alone where somebody types, and can be turned off (WCAG 2.1.4).
const OFF = "pressmark-keys-off";
const help = document.getElementById("keys");
const wanted = document.getElementById("keys-wanted");
const stored = () => { try { return localStorage; } catch { return null; } }; // a browser may keep nothing for us

export const isOff = () => Boolean(stored()?.getItem(OFF));
export const turn = (on) => stored()?.setItem(OFF, on ? "" : "1");

export const step = (things, show) => {
  let at = -1;
  const go = (to) => {
    at = Math.min(Math.max(to, 0), things.length - 1);
    if (things[at]) show(things[at]);
  };
  document.addEventListener("focusin", (event) => {
    const found = things.indexOf(event.target.closest("[data-piece], [data-change]"));
    if (found >= 0) at = found;
  });
  return { j: () => go(at + 1), k: () => go(at - 1), here: () => things[at] };
};

export const listen = (keys) => {
  const tell = () => (help.open ? help.close() : help.showModal());
  document.addEventListener("keydown", (event) => {
    const act = event.key === "?" ? tell : keys[event.key];
    const busy = event.target.closest("input, select, textarea") || event.ctrlKey || event.altKey || event.metaKey;
    if (!act || busy || !wanted.checked || (help.open && act !== tell)) return;
    if (document.querySelector("dialog[open]:not(#keys)")) return;
    event.preventDefault();
    act();
  });
  wanted.checked = !isOff();
  wanted.addEventListener("change", () => turn(wanted.checked));
  const button = document.getElementById("show-keys");
  button.hidden = false;
  button.addEventListener("click", tell);
};
