// A live blog: what there is at the start is fetched, later entries come by a web socket.
import { article, comments, picture } from './data.js';

const root = document.getElementById('root');
const write = (tag, text) => root.append(Object.assign(document.createElement(tag), { textContent: text }));
const found = await article();
document.title = found.title;
write('h1', found.title);
for (const text of [...found.paragraphs, ...await comments()]) write('p', text);
root.append(Object.assign(document.createElement('img'), { src: picture, alt: '' }));
const socket = new WebSocket(`ws://${location.host}/live`);
socket.onmessage = event => write('p', event.data);
