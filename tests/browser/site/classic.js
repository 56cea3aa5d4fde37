addEventListener("load", () => { document.getElementById("classic").textContent = `${document.URL} ${document.domain}`; });
