// Scroll by one window. Returns the rule while there is more below.
(() => {
  const before = window.scrollY;
  window.scrollBy(0, window.innerHeight);
  return window.scrollY > before ? 'scroll' : null;
})()
