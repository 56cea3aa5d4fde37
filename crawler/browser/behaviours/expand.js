// Open what is closed: `details`, and "read more" in the place where it stands. Returns the rule, or null.
(() => {
  const closed = document.querySelector('details:not([open])');
  if (closed) {
    for (const one of document.querySelectorAll('details:not([open])')) one.open = true;
    return 'expand: details';
  }
  const read = /^(?:(?:read|show full) (?:more|all|article|story|text)|continue reading|weiterlesen|mehr lesen|lire la suite|leer más|continua a leggere|展开(?:全文)?|阅读全文)$/iu;
  const show = /^(?:(?:show|see|view) (?:more|all|full [\p{L}]{1,20})|mehr anzeigen|voir plus|ver más)$/iu;
  const talk = /^(?:show|view|expand|load|see)(?: \d+| all)*(?: more)? (?:comments?|replies|reply|answers?)(?: \(\d+\))?$/iu;
  const pressed = globalThis.pressed ??= new WeakSet();
  for (const element of document.querySelectorAll('[aria-expanded="false"], button')) {
    const text = (element.innerText || '').replace(/\s+/g, ' ').replace(/[….»›↓+]+$/u, '').trim();
    const closed = element.getAttribute('aria-expanded') === 'false';
    const outside = element.closest('nav, header, footer, [role="menu"], [role="menubar"], [aria-haspopup], :disabled');
    const link = element.closest('a[href]');
    const leaves = link !== null && !/^(?:#(?![/!])|javascript:)/i.test(link.getAttribute('href'));
    const sends = element.form != null && element.type === 'submit';
    const wanted = read.test(text) || talk.test(text) || (closed && show.test(text));
    if (!pressed.has(element) && text.length < 40 && wanted && !outside && !leaves && !sends && element.getClientRects().length) {
      pressed.add(element);
      keep();
      element.click();
      return 'expand: read more';
    }
  }
  return null;
})()
