"use strict";
// "Not for me" without leaving the page. Without this file the button sends its form, and the page comes back without
// the product.
document.addEventListener("submit", async (event) => {
  const { target: form, submitter: button } = event;
  const card = button?.closest("[data-product]");
  if (!card || !form.matches("[data-rec-dismiss]")) return;
  event.preventDefault();
  const body = new FormData(form, button);
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  const status = form.querySelector("[role=status]");
  if (!answer?.ok) {
    status.textContent = form.dataset.failed;
    return;
  }
  const gone = button.name === "dismiss";
  card.toggleAttribute("data-dismissed", gone);
  button.name = gone ? "undo" : "dismiss";
  status.textContent = gone ? button.dataset.gone : button.dataset.back;
});
