// Keeps the address of the service and the token, asks for access to that address alone, and tries both.
import { Refused, ask, say, settings, translate } from "./service.js";

const part = (name) => document.getElementById(name);
const tell = (text, wrong = false) => {
  part("state").textContent = text;
  part("state").className = wrong ? "error" : "";
};
const save = async () => {
  const given = new URL(part("address").value.trim());
  if (!/^https?:$/.test(given.protocol)) throw new Refused(say("noAddress"));
  const address = (given.origin + given.pathname).replace(/\/+$/, ""), token = part("token").value.trim();
  if (!await chrome.permissions.request({ origins: [`${given.origin}/*`] })) throw new Refused(say("noAccess", address));
  await ask({ address, token }, "/api/v1/runs?limit=1");
  const before = await settings();
  await chrome.storage.local.set({ address, token });
  const former = before.address && new URL(before.address).origin;
  if (former && former !== given.origin) await chrome.permissions.remove({ origins: [`${former}/*`] });
  tell(say("saved"));
};

translate();
settings().then(({ address, token }) => { part("address").value = address; part("token").value = token; });
part("form").addEventListener("submit", (event) => {
  event.preventDefault();
  tell("");
  save().catch((error) => tell(error instanceof Refused ? error.message : String(error), true));
});
