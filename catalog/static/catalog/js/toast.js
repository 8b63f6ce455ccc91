// One short message at the foot of the page, read out by screen readers.
const SHOWN_MS = 5000;
let timer;

export function toast(text, link) {
  const box = document.querySelector("[data-toast]");
  box.replaceChildren(text);
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link.href;
    anchor.textContent = link.text;
    box.append(" ", anchor);
  }
  box.dataset.shown = "";
  clearTimeout(timer);
  timer = setTimeout(() => delete box.dataset.shown, SHOWN_MS);
}
