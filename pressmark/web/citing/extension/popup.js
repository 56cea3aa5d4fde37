// Archives the page of the active tab, follows the run, and shows the snapshot with a citation.
import { Refused, ask, say, settings, translate } from "./service.js";

const part = (name) => document.getElementById(name);
const pause = () => new Promise((done) => { setTimeout(done, 1000); });
let service, url, capture;

const tell = (text, wrong = false) => {
  part("state").textContent = text;
  part("state").className = wrong ? "error" : "";
};
// The run of each page, while the browser is open: a popup that is closed goes on where it was.
const runs = async () => (await chrome.storage.session.get("runs")).runs || {};
const key = () => `${service.address} ${url}`;

// Whether a capture holds the page itself, neither an error nor a redirect, and can be read.
const showsPage = ({ status, kind, verdict, damaged }) => !verdict && !damaged
  && (status === null ? kind === "resource" : status < 300 || status === 304);

const cite = async () => {
  const [stamp, style] = [capture.stamp, part("style").value];
  const answer = await ask(service, `/api/v1/citations/${stamp}/${style}/${encodeURIComponent(capture.url)}`);
  part("citation").textContent = (await answer.text()).trim();
};
// The service extracts the text, and with it the title and the author, some seconds after the run.
const citeWhenRead = async () => {
  const facts = `/api/v1/snapshots/${capture.stamp}/json/${encodeURIComponent(capture.url)}`;
  for (let tries = 0; tries < 60 && !(await (await ask(service, facts)).json()).text; tries += 1) await pause();
  await cite();
};
const show = async (found) => {
  capture = found;
  part("snapshot").href = service.address + capture.page;
  part("at").textContent = new Date(capture.at).toLocaleString(chrome.i18n.getUILanguage());
  const { style } = await chrome.storage.local.get("style");
  if (style) part("style").value = style;
  await cite();
  part("cited").hidden = false;
};
const follow = async (id) => {
  part("archive").hidden = part("again").hidden = true;
  for (;;) {
    const run = await (await ask(service, `/api/v1/runs/${id}`)).json();
    if (run.status === "over") {
      const { items } = await (await ask(service, `/api/v1/runs/${id}/captures`)).json();
      const good = items.filter(showsPage);
      const found = good.find((one) => one.url === url) || good.at(-1);
      part("again").hidden = false;
      if (!found) return tell(say("notArchived", run.reason || run.outcome), true);
      const well = ["done", "unchanged"].includes(run.outcome);
      tell(well ? say("archived") : say("archivedWith", run.reason || run.outcome), !well);
      await show(found);
      return citeWhenRead();
    }
    tell(run.status === "queued" ? say("queued") : say("running", String(run.pages)));
    await pause();
  }
};
const archive = async () => {
  part("cited").hidden = true;
  const run = await (await ask(service, "/api/v1/runs", { url })).json();
  await chrome.storage.session.set({ runs: { ...await runs(), [key()]: run.id } });
  await follow(run.id);
};
const begin = async () => {
  service = await settings();
  if (!service.address) {
    part("options").hidden = false;
    return tell(say("noService"));
  }
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  url = tab?.url || "";
  if (!/^https?:/.test(url)) return tell(say("noPage"));
  part("page").textContent = url;
  const known = (await runs())[key()];
  if (known) return follow(known);
  part("archive").hidden = false;
  const { items } = await (await ask(service, `/api/v1/captures?url=${encodeURIComponent(url)}`)).json();
  if (!items.length) return tell(say("notYet"));
  const found = items.find(showsPage);
  if (!found) return tell(say("onlyOther", new Date(items[0].at).toLocaleString(chrome.i18n.getUILanguage()), String(items[0].status ?? items[0].kind)));
  tell(say("lastArchived"));
  return show(found);
};
const guarded = (work) => () => work().catch((error) => {
  tell(error instanceof Refused ? error.message : String(error), true);
  part("options").hidden = false;
});

translate();
part("options").addEventListener("click", () => chrome.runtime.openOptionsPage());
for (const name of ["archive", "again"]) part(name).addEventListener("click", guarded(archive));
part("style").addEventListener("change", guarded(async () => {
  await chrome.storage.local.set({ style: part("style").value });
  await cite();
}));
part("copy").addEventListener("click", guarded(async () => {
  await navigator.clipboard.writeText(part("citation").textContent);
  part("copy").textContent = say("copied");
}));
guarded(begin)();
