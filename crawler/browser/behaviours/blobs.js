// What the page shows from its own memory (blob:) is written into the document, which nothing else keeps.
// Returns how much was kept, and what was not, by reason.
(async () => {
  const MOST = 200, LARGEST = 4 << 20, ALL = 8 << 20;
  const names = ['src', 'href', 'poster'];
  const holders = [...document.querySelectorAll(names.map(name => `[${name}^="blob:"]`).join(','))];
  const found = {}, known = new Map();
  const count = what => { found[what] = (found[what] ?? 0) + 1; };
  let taken = 0;
  const kept = async url => {
    if (known.size >= MOST) return 'blobs beyond 200';
    let blob;
    try { blob = await (await fetch(url)).blob(); } catch { return 'blobs of streams, or revoked'; }
    if (blob.size > LARGEST || taken + blob.size > ALL) return 'large blobs';
    taken += blob.size;
    return new Promise(done => {
      const reader = new FileReader();
      reader.onload = () => done({data: reader.result});
      reader.onerror = () => done('blobs of streams, or revoked');
      reader.readAsDataURL(blob);
    });
  };
  for (const one of holders) for (const name of names) {
    const url = one.getAttribute(name);
    if (!url?.startsWith('blob:') || one.localName === 'script' || one.localName === 'iframe') continue;
    if (!known.has(url)) known.set(url, await kept(url));
    const value = known.get(url);
    count(value.data ? 'kept' : value);
    if (value.data) (globalThis.blobs ??= new Map()).set(url, value.data);
  }
  return found;
})()
