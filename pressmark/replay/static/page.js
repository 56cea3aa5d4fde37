// The first script of a page in a scene: what the page asks for of other origins is asked of the archive, its clock is that
// of the capture, and what no policy of browsers stops is taken away. The policy and the worker guard; this makes pages work.
"use strict";
(() => {
  const own = document.currentScript;
  const { origin, url, at, around, bar } = own.dataset;
  own.remove();
  // Before anything of the page is run: the bar tells of this page, or gives way to the one that does.
  if (window !== window.parent && window.parent === window.top) window.parent.postMessage({ around, url }, bar);
  const here = location.origin;
  const nested = window !== window.parent && window.parent !== window.top;

  // A reference as it leads into the archive from here; what is relative, or of no server, stays.
  function address(reference, kind) {
    let found;
    try { found = new URL(reference, document.baseURI); } catch { return reference; }
    if (!/^https?:$/.test(found.protocol) || found.origin === here) return reference;
    if (found.origin === origin) return here + found.pathname + found.search + found.hash;
    return `/_pressmark/of/${kind}/${found.href}`;
  }

  const set = (text, kind) => String(text).replace(/(^|,\s+)(\S+)/g, (_, before, one) => before + address(one, kind));

  // --- what scripts ask for ---
  const { fetch, Request } = window;
  window.fetch = (asked, ...rest) => fetch(asked instanceof Request
    ? (new URL(asked.url).origin === here ? asked : new Request(address(asked.url, "oe_"), asked))
    : address(asked, "oe_"), ...rest);
  const { open } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, asked, ...rest) {
    return open.call(this, method, address(asked, "oe_"), ...(rest.length ? rest : [true]));
  };
  for (const name of ["Worker", "SharedWorker", "EventSource"]) {
    if (!window[name]) continue;
    const construct = (made, [asked, ...rest], as) => Reflect.construct(made, [address(asked, "js_"), ...rest], as);
    window[name] = new Proxy(window[name], { construct });
  }

  // --- what elements refer to ---
  const KINDS = { SCRIPT: "js_", LINK: "cs_", IFRAME: "if_", IMG: "im_", SOURCE: "im_", VIDEO: "im_", AUDIO: "im_", TRACK: "im_" };
  const NAMES = { src: address, href: address, poster: address, srcset: set };
  const fitted = (node, name, value) => {
    const kind = KINDS[node.tagName];
    return kind && NAMES[name] ? NAMES[name](value, kind) : value;
  };
  const { setAttribute } = Element.prototype;
  Element.prototype.setAttribute = function (name, value) {
    return setAttribute.call(this, name, fitted(this, String(name).toLowerCase(), value));
  };
  for (const [made, name] of [["Script", "src"], ["Link", "href"], ["Image", "src"], ["IFrame", "src"], ["Media", "src"]]) {
    const { prototype } = window[`HTML${made}Element`];
    const { get, set: put } = Object.getOwnPropertyDescriptor(prototype, name);
    const fit = function (value) { put.call(this, fitted(this, name, value)); };
    Object.defineProperty(prototype, name, { get, set: fit, configurable: true, enumerable: true });
  }
  // What came in as text was stopped by the policy; it is led to the archive, and asked for again.
  function mend(node) {
    for (const name of Object.keys(NAMES)) {
      const value = node.getAttribute(name);
      const fit = value === null ? value : fitted(node, name, value);
      if (fit !== value) setAttribute.call(node, name, fit);
    }
    if (node.contentWindow) disarm(node.contentWindow);
  }
  const ALL = Object.keys(KINDS).join();
  new MutationObserver((changes) => {
    for (const { target, type, addedNodes } of changes) {
      if (type === "attributes") mend(target);
      for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        if (node.matches(ALL)) mend(node);
        node.querySelectorAll(ALL).forEach(mend);
      }
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: Object.keys(NAMES) });

  // --- where it goes ---
  for (const name of ["pushState", "replaceState"]) {
    const method = History.prototype[name];
    History.prototype[name] = function (state, title, to) {
      return method.call(this, state, title, to === undefined || to === null ? to : address(to, "mp_"));
    };
  }
  window.navigation?.addEventListener("navigate", (event) => {
    const to = event.destination.url;
    const fit = address(to, nested ? "if_" : "mp_");
    if (fit === to || !event.cancelable) return;
    event.preventDefault();
    location.href = fit;
  });

  // --- when it is ---
  const Clock = window.Date;
  const behind = Clock.now() - Number(at);
  const now = () => Clock.now() - behind;
  window.Date = new Proxy(Clock, {
    construct: (made, given, as) => Reflect.construct(made, given.length ? given : [now()], as),
    apply: () => new Clock(now()).toString(),
    get: (made, name) => (name === "now" ? now : Reflect.get(made, name)),
  });
  Clock.prototype.constructor = window.Date;
  let seed = Number(at) % 2147483647;
  Math.random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;

  // --- what it says of itself, where browsers let it be said ---
  const said = { URL: url, documentURI: url, domain: new URL(url).hostname, referrer: "" };
  for (const [name, value] of Object.entries(said)) {
    Object.defineProperty(Document.prototype, name, { get: () => value, set: () => {}, configurable: true });
  }
  const jar = new Map();
  Object.defineProperty(Document.prototype, "cookie", {
    get: () => [...jar].map((pair) => pair.join("=")).join("; "),
    set: (text) => { const [name, ...value] = String(text).split(";")[0].split("="); jar.set(name.trim(), value.join("=")); },
  });

  // --- what goes by no policy ---
  function disarm(frame) {
    try {
      for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport", "cookieStore"]) delete frame[name];
    } catch { /* it is of another origin, and has a policy of its own */ }
  }
  disarm(window);
  // A blank frame is there as soon as it is put in, before any observer hears of it.
  const sweep = () => { for (let index = 0; index < window.length; index += 1) disarm(window[index]); };
  const PUT = ["appendChild", "insertBefore", "replaceChild", "append", "prepend", "before", "after", "replaceWith",
    "replaceChildren", "insertAdjacentElement", "insertAdjacentHTML"];
  for (const prototype of [Node.prototype, Element.prototype, CharacterData.prototype, Document.prototype, DocumentFragment.prototype])
    for (const name of PUT.filter((one) => Object.hasOwn(prototype, one))) {
      const method = prototype[name];
      prototype[name] = function (...given) {
        const made = method.apply(this, given);
        sweep();
        return made;
      };
    }
  for (const name of ["innerHTML", "outerHTML"]) {
    const { get, set: put } = Object.getOwnPropertyDescriptor(Element.prototype, name);
    Object.defineProperty(Element.prototype, name, { get, set(text) { put.call(this, text); sweep(); }, configurable: true });
  }
  for (const name of ["contentWindow", "contentDocument"]) {
    const { get } = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, name);
    const guarded = function () {
      const found = get.call(this);
      if (found) disarm(name === "contentWindow" ? found : found.defaultView);
      return found;
    };
    Object.defineProperty(HTMLIFrameElement.prototype, name, { get: guarded, configurable: true });
  }
  if (navigator.serviceWorker) {
    const refused = () => Promise.reject(new DOMException("no service worker runs in an archive", "SecurityError"));
    Object.defineProperty(ServiceWorkerContainer.prototype, "register", { value: refused });
  }
  Navigator.prototype.sendBeacon = () => true;
  window.open = () => null;
})();
