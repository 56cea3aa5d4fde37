fetch("/api/items.json").then((found) => found.json()).then((list) => postMessage(list.join("+")));
