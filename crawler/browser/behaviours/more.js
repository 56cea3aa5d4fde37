// Press one button that loads more of a list. Returns its rule, or null if there is none.
// A link to another page, a button of a form, and one that is disabled are never pressed.
(() => {
  const words = new RegExp('^(?:(?:load|show|view|see)(?: \\d+)? (?:more|older)(?: [\\p{L} ]{1,30})?'
    + '|more (?:posts|articles|stories|news|comments|results|replies)|older (?:posts|comments|articles)'
    + '|(?:mehr|weitere)(?: [\\p{L}]{1,30})? (?:laden|anzeigen)|mehr (?:artikel|beiträge|kommentare)'
    + '|(?:charger|afficher|voir) plus(?: [\\p{L}’\' ]{1,30})?|(?:cargar|ver|mostrar) más(?: [\\p{L} ]{1,30})?'
    + '|carica altr[ioae](?: [\\p{L} ]{1,30})?|mostra altr[ioae](?: [\\p{L} ]{1,30})?|carregar mais|ver mais'
    + '|meer (?:laden|tonen)|加载更多|查看更多|显示更多|もっと見る|さらに表示|더 ?보기|показать ещё|загрузить ещё)$', 'iu');
  const never = /log ?in|sign|buy|cart|basket|subscri|vote|like|follow|share|delete|report|reply$/i;
  const shown = element => element.getClientRects().length > 0;
  const leaves = element => {
    const link = element.closest('a[href]');
    return link !== null && !/^(?:#(?![/!])|javascript:)/i.test(link.getAttribute('href'));
  };
  const sends = element => element.form != null && element.type === 'submit';
  const size = document.documentElement.textContent.length;
  if (globalThis.pressedLast || globalThis.sizeWhenPressed === size) return null;  // the last press brought nothing
  globalThis.pressedLast = globalThis.sizeWhenPressed > size;  // it closed what an earlier one opened: open it, and stop
  for (const element of document.querySelectorAll('button, [role="button"], a:not([href]), a[href^="#"], a[href^="javascript:"]')) {
    const text = (element.innerText || '').replace(/[\s\u00a0]+/g, ' ').replace(/[….»›↓+]+$/u, '').trim();
    if (text.length < 60 && words.test(text) && !never.test(text) && shown(element) && !element.disabled
        && element.getAttribute('aria-disabled') !== 'true' && !leaves(element) && !sends(element)) {
      globalThis.sizeWhenPressed = size;
      (globalThis.pressed ??= new WeakSet()).add(element);
      keep();
      element.click();
      return `load more: ${text.toLowerCase().replace(/\d+/g, 'N')}`;
    }
  }
  return null;
})()
