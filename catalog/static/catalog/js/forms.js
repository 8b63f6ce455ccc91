// A form that must be sent once: the second click is ignored. The server would notice it too.
export function enhanceForms() {
  for (const form of document.querySelectorAll("[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent !== undefined) event.preventDefault();
      form.dataset.sent = "";
    });
    addEventListener("pageshow", () => delete form.dataset.sent);
  }
}
