// Answers every request of a scene from the archive, and none from anywhere else. SCENE is written before this by the server.
"use strict";
const KINDS = {
  document: "mp_", iframe: "mp_", frame: "mp_", embed: "if_", object: "if_", style: "cs_", script: "js_", worker: "js_",
  sharedworker: "js_", audioworklet: "js_", paintworklet: "js_", image: "im_", font: "im_", audio: "im_", video: "im_",
  track: "im_",
};
const OTHER = "/_pressmark/of/";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  // What is ours goes to our server; the worker is not asked for it.
  if (origin === self.location.origin && pathname.startsWith("/_pressmark/") && !pathname.startsWith(OTHER)) return;
  event.respondWith(answer(event.request));
});

// What a request wants: a modifier, and a URL as it was on the live web.
function wanted(request) {
  const url = new URL(request.url);
  const kind = KINDS[request.destination] || "oe_";
  if (url.origin !== self.location.origin) return [kind, url.href.split("#")[0]];
  if (!url.pathname.startsWith(OTHER)) return [kind, SCENE.origin + url.pathname + url.search];
  const [, written, rest] = /^([a-z]+_)\/(.*)$/s.exec((url.pathname + url.search).slice(OTHER.length)) || [null, kind, "about:"];
  return [request.mode === "navigate" ? written : kind, rest];
}

async function answer(request) {
  const [kind, url] = wanted(request);
  const page = request.mode === "navigate";
  // Outside of the frame, no bar would tell whose page this is not.
  if (request.destination === "document") return Response.redirect(`${SCENE.home}/view/scripts/${SCENE.timestamp}/${url}`, 303);
  const address = `/_pressmark/at/${SCENE.grant}/${SCENE.timestamp}${kind}/${url}`;
  // Nothing leaves: our server looks for the archived request with this method and this body.
  const body = request.method === "GET" || request.method === "HEAD" ? undefined : await request.arrayBuffer();
  if (page && body) return new Response("Nothing is sent.", { status: 405 });
  const found = await fetch(address, { method: request.method, body, credentials: "omit", redirect: page ? "manual" : "follow" });
  if (found.type === "opaqueredirect") return found;
  // Anew, without the address it came from: what it refers to is relative to the page's own.
  const empty = found.status === 204 || found.status === 304;
  return new Response(empty ? null : found.body, { status: found.status, statusText: found.statusText, headers: found.headers });
}
