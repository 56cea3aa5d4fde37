// Define what is called around each press of more.js and expand.js. `keep` notes the document, its address and its text.
// `left` returns that document if the press led to another page: the address changed, and not all of the text is shown.
take => {
  const address = () => location.href.replace(/#(?![/!]).*$/, '');
  const shown = element => element.getClientRects().length > 0;
  let kept = null;
  globalThis.keep = () => {
    const text = [...document.querySelectorAll('h1, h2, h3, p, li, article')].filter(shown);
    kept = {document: take(), address: address(), text};
  };
  globalThis.left = () => {
    const same = kept === null || kept.address === address() || (kept.text.length && kept.text.every(shown));
    return same ? null : kept.document;
  };
}
