// Puts the worker of a scene in its place, then goes to the page.
"use strict";
const { grant, to, failed } = document.currentScript.dataset;

const loaded = new Promise((resolve) => addEventListener("load", resolve));

async function ready() {
  const script = `/_pressmark/worker.js?grant=${encodeURIComponent(grant)}`;
  const registration = await navigator.serviceWorker.register(script, { scope: "/", updateViaCache: "none" });
  const worker = registration.installing || registration.waiting || registration.active;
  await new Promise((resolve) => {
    const look = () => worker.state === "activated" && resolve();
    worker.addEventListener("statechange", look);
    look();
  });
}

Promise.all([ready(), loaded]).then(
  () => location.replace(location.origin + to),
  (error) => { document.getElementById("told").textContent = `${failed} (${error.message})`; },
);
