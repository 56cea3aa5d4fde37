// j and k go through the pages, o opens the text, v the page as it was kept; m, s and l set marks without loading the page.
import { listen, step } from "./keys.js";

const { j, k, here } = step([...document.querySelectorAll("[data-piece]")], (piece) => {
  piece.querySelector("a").focus();
  piece.scrollIntoView({ block: "nearest" });
});
const open = (name) => () => { if (here()) location.href = here().dataset[name]; };
const under = new Set();  // buttons whose answer is awaited: a second press would say the same once more
const send = async (button) => {
  if (under.has(button)) return;
  under.add(button);
  await say(button).finally(() => under.delete(button));
};
const say = async (button) => {
  const set = !button.value.startsWith("no-"), kind = button.dataset.mark;
  const body = new URLSearchParams(new FormData(button.form));
  body.set("mark", button.value);
  const answer = await fetch(button.form.action, { method: "POST", body, keepalive: true, redirect: "manual" });
  if (answer.type !== "opaqueredirect") return;
  button.value = set ? `no-${kind}` : kind;
  button.setAttribute("aria-pressed", String(set));
  if (kind === "read") button.closest("[data-piece]").classList.toggle("read", set);
};
for (const form of document.querySelectorAll("form.marks")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.submitter).catch(() => {});
  });
}
const mark = (kind) => () => here()?.querySelector(`[data-mark="${kind}"]`)?.click();
listen({ j, k, o: open("text"), v: open("page"), m: mark("read"), s: mark("star"), l: mark("later") });
