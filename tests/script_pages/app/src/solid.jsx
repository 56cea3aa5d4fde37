// Solid: a list without an end in sight: what comes into view loads the next part.
import { createSignal, For, onMount, Show } from 'solid-js';
import { render } from 'solid-js/web';
import { article, comments, picture } from './data.js';

function Page() {
  const [found, setFound] = createSignal(null);
  const [shown, setShown] = createSignal([]);
  let end;
  onMount(async () => {
    const one = await article();
    document.title = one.title;
    setFound(one);
    const all = await comments();
    const observer = new IntersectionObserver(entries => {
      if (!entries[0].isIntersecting) return;
      setShown(all.slice(0, shown().length + 1));
      observer.unobserve(end);  // the browser may keep the end in view: it is noticed again
      if (shown().length < all.length) observer.observe(end);
    });
    observer.observe(end);
  });
  return (
    <Show when={found()}>
      <article>
        <h1>{found().title}</h1>
        <For each={found().paragraphs}>{text => <p>{text}</p>}</For>
        <img src={picture} alt="" />
        <For each={shown()}>{text => <p style="margin-top: 1500px">{text}</p>}</For>
        <div ref={end} style="margin-top: 1500px">·</div>
      </article>
    </Show>
  );
}

render(() => <Page />, document.getElementById('root'));
