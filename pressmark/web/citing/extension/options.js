// Keeps the address of the service and the token, asks for access to that address alone, and tries both.
import { Refused, ask, say, settings, translate } from "./service.js";

const part = (name) => document.getElementById(name);
const tell = (text, wrong = false) => {
  part("state").textContent = text;
  part("state").className = wrong ? "error" : "";
};
const originOf = (text) => {
  try { return new URL(text).origin; } catch { return ""; }
};
// Over http, anybody on the way could read the token: only this computer itself is safe.
const isSafe = ({ protocol, hostname }) => protocol === "https:"
  || /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
// A token belongs to one service: one that was saved for another address is never sent to the new one.
const dropToken = async () => {
  const saved = await settings();
  const isOther = saved.token && originOf(part("address").value.trim()) !== originOf(saved.address);
  if (isOther && part("token").value.trim() === saved.token) part("token").value = "";
};
const save = async () => {
  const given = new URL(part("address").value.trim());
  if (!/^https?:$/.test(given.protocol)) throw new Refused(say("noAddress"));
  if (!isSafe(given)) throw new Refused(say("notSafe"));
  await dropToken();
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
part("address").addEventListener("change", dropToken);
part("form").addEventListener("submit", (event) => {
  event.preventDefault();
  tell("");
  save().catch((error) => tell(error instanceof Refused ? error.message : String(error), true));
});
