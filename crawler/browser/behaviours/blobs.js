// What the page shows from its own memory (blob:) is written into the document, which nothing else keeps.
// Returns how much was kept, and what was not, by reason.
(async () => {
  const MOST = 200, LARGEST = 4 << 20, ALL = 8 << 20;
  const names = ['src', 'href', 'poster'];
  const holders = [...document.querySelectorAll(names.map(name => `[${name}^="blob:"]`).join(','))];
  // As base64 they are a third longer, and the document has to stay below 32 Mi characters.
  const spare = holders.length ? (31 << 20) - document.documentElement.outerHTML.length : 0;
  const room = Math.min(ALL, Math.max(0, spare) * 3 / 4);
  const found = {}, known = new Map();
  const count = what => { found[what] = (found[what] ?? 0) + 1; };
  let taken = 0;
  const kept = async url => {
    if (known.size >= MOST) return 'blobs beyond 200';
    let blob;
    try { blob = await (await fetch(url)).blob(); } catch { return 'blobs of streams, or revoked'; }
    if (blob.size > LARGEST || taken + blob.size > room) return 'large blobs';
    return new Promise(done => {
      const reader = new FileReader();
      reader.onload = () => done({data: reader.result, size: blob.size, times: 0});
      reader.onerror = () => done('blobs of streams, or revoked');
      reader.readAsDataURL(blob);
    });
  };
  for (const one of holders) for (const name of names) {
    const url = one.getAttribute(name);
    if (!url?.startsWith('blob:') || one.localName === 'script' || one.localName === 'iframe') continue;
    if (!known.has(url)) known.set(url, await kept(url));
    const value = known.get(url), fits = value.data && taken + value.size <= room;
    count(fits ? 'kept' : value.data ? 'large blobs' : value);
    if (!fits) continue;
    taken += value.size;  // each time that it is written
    value.times += 1;
    (globalThis.blobs ??= new Map()).set(url, value);
  }
  return found;
})()
