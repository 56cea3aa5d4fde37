// Before any script of the page: closed shadow roots are made open, so that the document has what they hide.
(() => {
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (options) {
    return attachShadow.call(this, options?.mode === 'closed' ? { ...options, mode: 'open' } : options);
  };
})()
