// React: an article, comments that are loaded later by a component of their own file, client-side routing.
import { lazy, Suspense, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { article, name, number, picture } from './data.js';

const Comments = lazy(() => import('./react-comments.jsx'));

function Page() {
  const [found, setFound] = useState(null);
  useEffect(() => { article().then(one => { document.title = one.title; setFound(one); }); }, []);
  if (!found) return <p>Loading…</p>;
  const follow = event => { event.preventDefault(); history.pushState({}, '', event.target.href); };
  return (
    <article>
      <h1>{found.title}</h1>
      {found.paragraphs.map(text => <p key={text}>{text}</p>)}
      <img src={picture} alt="" loading="lazy" style={{ marginTop: '4000px' }} />
      <Suspense fallback={<p>…</p>}><Comments /></Suspense>
      <a href={`/${name}/${Number(number) + 1}`} onClick={follow}>next</a>
    </article>
  );
}

createRoot(document.getElementById('root')).render(<Page />);
