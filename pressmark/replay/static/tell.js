// Tells the bar what the frame shows, when that is a page of ours.
"use strict";
const { around, url, bar } = document.currentScript.dataset;
if (window.parent === window.top) window.parent.postMessage({ around, url }, bar);
