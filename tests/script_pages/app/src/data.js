// What all applications fetch. The address of a page is /NAME/NUMBER.
export const [, name, number] = location.pathname.split('/');

export async function json(path, options) {
  const answer = await fetch(path, options);
  return answer.json();
}

export const article = () => json(`/api/${name}/${number}.json`);
export const comments = () => json(`/api/${name}/${number}/comments.json`);
export const picture = `/pictures/${name}-${number}.png`;
