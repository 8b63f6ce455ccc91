"use strict";
// In a card of the review queue, A accepts, R rejects and C goes to the field for another value. Only while the card has
// the focus, so that no screen reader's or browser's own keys are taken, and never while somebody types.
document.querySelector("[data-review]")?.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  const part = event.target.closest("form")?.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!part) return;
  event.preventDefault();
  if (part.matches("input")) part.focus();
  else part.click();
});
