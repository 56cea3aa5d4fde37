// Shows what the typed file and fields mean, half a second after the last key, and writes each into the other: the
// server does it, and comments stay. Without it, buttons do.
const form = document.querySelector("form[data-preview]");
let waiting, asked = 0;
const sent = () => new URLSearchParams(new FormData(form)).toString();
const fill = (read) => { // not what a person is in, and nothing once they typed on
  const other = read.querySelector("form[data-preview]");
  for (const control of form.elements) {
    const made = control.name && control.name !== "urls" ? other.elements[control.name] : null;
    if (made && control !== document.activeElement && control.value !== made.value) control.value = made.value;
  }
};
const show = async () => {
  const number = ++asked, body = sent();
  const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(body) });
  if (number !== asked || !(answer.headers.get("content-type") ?? "").startsWith("text/html")) return;
  const read = new DOMParser().parseFromString(await answer.text(), "text/html");
  const outcome = read.getElementById("outcome");
  if (!outcome || number !== asked) return;
  document.getElementById("outcome").replaceChildren(...outcome.childNodes);
  if (answer.ok && body === sent()) fill(read);
};
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => show().catch(() => {}), 500);
});
