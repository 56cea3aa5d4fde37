import { show } from "./view.js";
import data from "./words.json" with { type: "json" };

const routes = {
  "/": async () => {
    const list = await (await fetch("/api/items.json")).json();
    const absolute = await (await fetch("http://kept.example/api/items.json")).json();
    const other = await (await fetch("http://cdn.example/more.json")).json();
    return [...list, ...absolute, ...other, data.word].join(" ");
  },
  "/about": async () => {
    const asked = new XMLHttpRequest();
    asked.open("GET", "http://kept.example/api/about.json");
    return new Promise((resolve) => { asked.onload = () => resolve(JSON.parse(asked.response).about); asked.send(); });
  },
};

async function route() {
  show(await routes[location.pathname]());
}

document.querySelector("nav").addEventListener("click", (event) => {
  const to = event.target.getAttribute("href");
  if (!routes[to]) return;
  event.preventDefault();
  history.pushState({}, "", new URL(to, "http://kept.example/"));
  route();
});
addEventListener("popstate", route);
route();

const late = document.getElementById("lazy");
new IntersectionObserver(([entry], observer) => {
  if (!entry.isIntersecting) return;
  late.src = late.dataset.late;
  observer.disconnect();
}).observe(late);
document.getElementById("clock").textContent = `${new Date().toISOString().slice(0, 16)} ${Math.random()}`;
const { default: later } = await import("/later.js");
later();
