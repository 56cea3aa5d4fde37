// The document; where elements have open shadow roots, these stand in place of what they hide.
(() => {
  const html = document.documentElement, type = document.doctype ? `<!DOCTYPE ${document.doctype.name}>` : '';
  const inert = document.implementation.createHTMLDocument('');  // loads and runs nothing that is put in it
  const shown = node => node.shadowRoot ? node.shadowRoot.childNodes
    : node.localName === 'slot' && node.assignedNodes().length ? node.assignedNodes() : node.childNodes;
  const flat = node => {
    if (node.nodeType !== Node.ELEMENT_NODE) return inert.importNode(node, true);
    const copy = inert.importNode(node, false);
    for (const one of shown(node)) copy.append(flat(one));
    return copy;
  };
  const shadowed = [...document.querySelectorAll('*')].some(one => one.shadowRoot);
  const whole = type + (shadowed ? flat(html) : html).outerHTML;
  // What turn.js saw on earlier pages of a list.
  const kept = (globalThis.turning?.kept ?? []).map(one => `<section>${one}</section>`).join('');
  return kept ? whole.replace(/<\/body>\s*<\/html>\s*$/i, () => `${kept}</body></html>`) : whole;
})()
