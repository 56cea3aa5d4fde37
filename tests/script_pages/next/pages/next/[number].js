// Next: the server sends the heading, and the page is hydrated; a part that is loaded later fetches the rest.
import dynamic from 'next/dynamic';
import Head from 'next/head';
import Link from 'next/link';

const Article = dynamic(() => import('../../article.js'), { ssr: false });

export function getStaticPaths() {
  return { paths: Array.from({ length: 8 }, (_, n) => ({ params: { number: `${n}` } })), fallback: false };
}

export function getStaticProps({ params }) {
  return { props: { number: Number(params.number) } };
}

export default function Report({ number }) {
  const title = `Report ${number} by next`;
  return (
    <main>
      <Head><title>{title}</title></Head>
      <h1>{title}</h1>
      <Article number={number} />
      <Link href={`/next/${(number + 1) % 8}`}>The next report</Link>
    </main>
  );
}
