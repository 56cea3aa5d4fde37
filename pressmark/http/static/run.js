// Keeps the page of a running run up to date. Without it, the page loads itself again.
"use strict";
const live = document.querySelector("[data-run]");
const show = (name, text) => {
  for (const place of document.querySelectorAll(`[data-count="${name}"]`)) place.textContent = text;
};
const written = (count) => count.toLocaleString("en");  // as the server writes it: 1,234
const spokenSize = (count) => {
  if (count < 1024) return `${count} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  do count /= 1024; while (units.length > 1 && count >= 1023.95 && units.shift());
  return `${count.toFixed(1)} ${units[0]}`;
};
const listed = (reasons) => {
  const body = document.getElementById("failures");
  body.replaceChildren(...Object.entries(reasons).map(([reason, count]) => {
    const row = document.createElement("tr");
    for (const [text, kind] of [[reason, "long"], [written(count), "number"]]) {
      const cell = row.insertCell();
      cell.textContent = text;
      cell.className = kind;
    }
    return row;
  }));
  body.closest("section").hidden = Object.keys(reasons).length === 0;
};
let drawn = 0;
const redraw = async () => { // the timeline is drawn on the server
  if (Date.now() - drawn < 5000) return;
  drawn = Date.now();
  const answer = await fetch(location.href);
  const read = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("timeline");
  const place = document.getElementById("timeline");
  if (read && !place.contains(document.activeElement) && !place.querySelector("details[open]")) place.replaceChildren(...read.childNodes);
};
const update = (event) => {
  const run = JSON.parse(event.data);
  for (const name of ["pages", "captures", "revisits", "failures", "queued"]) show(name, written(run[name]));
  show("bytes", spokenSize(run.bytes));
  const bar = document.querySelector("progress");
  if (bar) [bar.max, bar.value] = [run.pages + run.queued || 1, run.pages];
  listed(run.failed_by_reason ?? {});  // null: another machine has the log
  if (run.status !== live.dataset.status) location.reload();
  redraw().catch(() => {});
};
const events = new EventSource(`/api/v1/runs/${live.dataset.run}/events`);
events.addEventListener("progress", update);
events.addEventListener("over", () => { events.close(); location.reload(); });
