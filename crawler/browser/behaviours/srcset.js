// Load the images that other screens would get: those of three widths, or of three densities. Returns the rule, or null.
(() => {
  const widths = [480, 1024, 1920], most = 200;
  const seen = globalThis.loaded ??= new Set();
  const candidates = text => text.split(/,\s+|,$/).map(one => one.trim().split(/\s+/)).filter(([url]) => url)
    .map(([url, size = '1x']) => ({url, width: parseFloat(size) * (size.endsWith('w') ? 1 : 1000) || 1000}));
  const before = seen.size;
  for (const element of document.querySelectorAll('img[srcset], picture > source[srcset]')) {
    const sorted = candidates(element.srcset).sort((one, other) => one.width - other.width);
    for (const width of widths) {
      const chosen = sorted.find(one => one.width >= width) ?? sorted.at(-1);
      if (!chosen || /^data:/i.test(chosen.url)) continue;
      const url = new URL(chosen.url, document.baseURI).href;
      if (seen.has(url) || seen.size >= most) continue;
      seen.add(url);
      if (document.images && [...document.images].some(image => image.currentSrc === url)) continue;
      new Image().src = url;
    }
  }
  return seen.size > before ? 'images of three widths' : null;
})()
