// j and k go from change to change.
import { listen, step } from "./keys.js";

const { j, k } = step([...document.querySelectorAll("[data-change]")], (change) => {
  change.tabIndex = -1;
  change.focus();
  change.scrollIntoView({ block: "center" });
});
listen({ j, k });
