// Shows what the typed file and fields mean, half a second after the last key. Without it, a button does.
const form = document.querySelector("form[data-preview]");
let waiting, asked = 0;
const show = async () => {
  const number = ++asked;
  const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (number !== asked || !(answer.headers.get("content-type") ?? "").startsWith("text/html")) return;
  const read = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("outcome");
  if (read && number === asked) document.getElementById("outcome").replaceChildren(...read.childNodes);
};
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => show().catch(() => {}), 500);
});
