// Each button copies the text beside it. Without this script, there are no buttons.
const copied = async (element) => {
  try {
    await navigator.clipboard.writeText(element.textContent);
  } catch { // a page over plain HTTP has no clipboard
    getSelection().selectAllChildren(element);
    if (!document.execCommand("copy")) throw new Error("not copied");
  }
};
for (const button of document.querySelectorAll("button[data-copy]")) {
  const text = document.querySelector(`[data-text="${button.dataset.copy}"]`), name = button.textContent;
  button.hidden = false;
  button.addEventListener("click", () => copied(text).then(() => {
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = name; }, 2000);
  }, () => {}));
}
