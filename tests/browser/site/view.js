export function show(text) { document.getElementById("main").textContent = text; }
