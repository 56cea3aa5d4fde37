// j and k go through the pages, o opens the text, v the page as it was kept.
import { listen, step } from "./keys.js";

const { j, k, here } = step([...document.querySelectorAll("[data-piece]")], (piece) => {
  piece.querySelector("a").focus();
  piece.scrollIntoView({ block: "nearest" });
});
const open = (name) => () => { if (here()) location.href = here().dataset[name]; };
listen({ j, k, o: open("text"), v: open("page") });
