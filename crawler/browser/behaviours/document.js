// The document; where elements have shadow roots, these stand in place of what they hide. `closedRoots` has those of markup
// that no script gets, and `blobs` what the page shows from its own memory.
(() => {
  const html = document.documentElement, type = document.doctype ? `<!DOCTYPE ${document.doctype.name}>` : '';
  const inert = document.implementation.createHTMLDocument('');  // loads and runs nothing that is put in it
  const rootOf = node => node.shadowRoot ?? globalThis.closedRoots?.get(node);
  const shown = node => rootOf(node) ? rootOf(node).childNodes
    : node.localName === 'slot' && node.assignedNodes().length ? node.assignedNodes() : node.childNodes;
  const flat = node => {
    if (node.nodeType !== Node.ELEMENT_NODE) return inert.importNode(node, true);
    const copy = inert.importNode(node, false);
    for (const one of shown(node)) copy.append(flat(one));
    return copy;
  };
  const shadowed = [...document.querySelectorAll('*')].some(rootOf);
  let whole = type + (shadowed ? flat(html) : html).outerHTML;
  for (const [url, data] of globalThis.blobs ?? []) whole = whole.replaceAll(`="${url}"`, () => `="${data}"`);
  // What turn.js saw on earlier pages of a list.
  const kept = (globalThis.turning?.kept ?? []).map(one => `<section>${one}</section>`).join('');
  return kept ? whole.replace(/<\/body>\s*<\/html>\s*$/i, () => `${kept}</body></html>`) : whole;
})()
