// Preact: a news front end with a consent banner, a folded part, and comments behind "Show all comments".
import { h, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { article, comments, picture } from './data.js';

function Page() {
  const [found, setFound] = useState(null);
  const [said, setSaid] = useState(null);
  const [asked, setAsked] = useState(true);
  useEffect(() => { article().then(one => { document.title = one.title; setFound(one); }); }, []);
  if (!found) return h('p', null, 'Loading…');
  const [first, ...rest] = found.paragraphs;
  return h('article', null,
    h('h1', null, found.title),
    h('p', null, first),
    h('details', null, h('summary', null, 'The whole article'), rest.map(text => h('p', { key: text }, text))),
    h('img', { src: picture, alt: '' }),
    said ? said.map(text => h('p', { key: text }, text))
      : h('button', { onClick: () => comments().then(setSaid) }, 'Show all comments'),
    asked && h('div', { id: 'onetrust-banner-sdk' },
      h('button', { id: 'onetrust-accept-btn-handler', onClick: () => fetch('/tracked', { method: 'POST' }) }, 'Accept all'),
      h('button', { id: 'onetrust-reject-all-handler', onClick: () => setAsked(false) }, 'Reject all')));
}

render(h(Page), document.getElementById('root'));
