import { useEffect, useState } from 'react';

const json = async path => (await fetch(path)).json();

export default function Article({ number }) {
  const [found, setFound] = useState({ paragraphs: [], comments: [] });
  useEffect(() => {
    (async () => {
      const { paragraphs } = await json(`/api/next/${number}.json`);
      setFound({ paragraphs, comments: [] });
      setFound({ paragraphs, comments: await json(`/api/next/${number}/comments.json`) });
    })();
  }, [number]);
  return (
    <article>
      {found.paragraphs.map(text => <p key={text}>{text}</p>)}
      <img src={`/pictures/next-${number}.png`} alt="" loading="lazy" style={{ marginTop: '4000px' }} />
      <ol>{found.comments.map(text => <li key={text}>{text}</li>)}</ol>
    </article>
  );
}
