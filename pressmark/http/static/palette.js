// "/" and Ctrl-K open a list of pages, sources and actions. "/" is a single key, which can be turned off (WCAG 2.1.4).
import { isOff, turn } from "./keys.js";

const dialog = document.getElementById("go");
const form = dialog.querySelector("form"), input = form.elements.q, found = document.getElementById("go-found");
const wanted = document.getElementById("go-keys");
const choices = () => [...found.querySelectorAll("a, button")];
let asked = 0, waiting;

const look = async () => {
  const number = ++asked;
  const answer = await fetch(`${form.action}?${new URLSearchParams({ q: input.value })}`);
  const list = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("found");
  if (number === asked && list) found.replaceChildren(...list.children);
};
const open = () => {
  wanted.checked = !isOff();
  dialog.showModal();
  input.select();
  look().catch(() => {});
};
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  const single = event.key === "/" && !typing && !event.ctrlKey && !event.altKey && !event.metaKey && !isOff();
  const control = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey;
  if (!(single || control) || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  open();
});
dialog.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const all = [input, ...choices()];
  all[(all.indexOf(document.activeElement) + by + all.length) % all.length].focus();
});
input.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => look().catch(() => {}), 150);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  look().then(() => found.querySelector("a")?.click()) // an action needs its own button
    .catch(() => form.submit());
});
wanted.addEventListener("change", () => turn(wanted.checked));
document.querySelector("nav a[href='/search/go']")?.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open();
});
