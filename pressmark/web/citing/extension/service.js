// What both pages share: words in the reader's language, the address and token of the service, and requests to it.
export const say = (name, ...values) => chrome.i18n.getMessage(name, values) || name;

export const translate = () => {
  document.documentElement.lang = chrome.i18n.getUILanguage();
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
};

export const settings = async () => ({ address: "", token: "", ...await chrome.storage.local.get(["address", "token"]) });

export class Refused extends Error {}

// Sends a request with the token alone: no cookie goes along. Throws Refused with a sentence for the reader.
export const ask = async ({ address, token }, path, body) => {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (body) Object.assign(headers, { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() });
  let answer;
  try {
    answer = await fetch(address + path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), credentials: "omit", redirect: "error" });
  } catch {
    throw new Refused(say("unreachable", address));
  }
  if (answer.ok) return answer;
  if (answer.status === 401) throw new Refused(say("wrongToken"));
  const told = await answer.json().catch(() => ({}));
  throw new Refused(say("refused", String(answer.status), told.detail || answer.statusText));
};
