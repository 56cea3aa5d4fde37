// Turn one page of a list whose pager has numbers, and keep what the page before showed. Returns the rule, or null.
// Links to another page and buttons of a form are never pressed.
(() => {
  const word = /pag(?:er|ination|ing)|翻页|分页/i;
  const named = element => word.test(`${element.className} ${element.id} ${element.getAttribute('aria-label') || ''}`);
  const text = element => (element.innerText || '').trim();
  const presses = element => {
    const link = element.closest('a[href]');
    const leaves = link !== null && !/^(?:#(?![/!])|javascript:)/i.test(link.getAttribute('href'));
    const sends = element.form != null && element.type === 'submit';
    return /^\d{1,3}$/.test(text(element)) && !leaves && !sends && element.getClientRects().length > 0;
  };
  const turning = globalThis.turning ??= {page: 1, kept: [], shown: null, ended: false};
  if (turning.ended) return null;
  for (const pager of document.querySelectorAll('nav, ul, ol, div')) {
    if (typeof pager.className !== 'string' || !named(pager) || pager.querySelectorAll('*').length > 200) continue;
    const numbers = [...pager.querySelectorAll('button, [role="button"], a')].filter(presses);
    const next = numbers.find(one => text(one) === String(turning.page + 1));
    const list = pager.parentElement;
    if (numbers.length < 2 || !next || !list || next.disabled || next.getAttribute('aria-disabled') === 'true') continue;
    const copy = list.cloneNode(true);
    for (const one of copy.querySelectorAll('script, style, nav, button')) one.remove();
    if (copy.textContent === turning.shown) turning.kept.pop();  // the last press brought nothing
    if (copy.textContent === turning.shown || copy.innerHTML.length > 1 << 20) break;
    keep();
    turning.shown = copy.textContent;
    turning.kept.push(copy.innerHTML);
    turning.page += 1;
    next.click();
    return 'turn pages';
  }
  turning.ended = true;
  return null;
})()
