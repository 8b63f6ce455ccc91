// Adds to the basket without leaving the page; on any trouble the form is sent the plain way.
import { toast } from "./toast.js";

export function enhanceBasket() {
  const form = document.querySelector("[data-basket-form]");
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
      });
      if (!response.ok) throw new Error(String(response.status));
      const { count, message } = await response.json();
      showCount(count);
      const basket = document.querySelector("[data-basket-count]").closest("a");
      toast(message, { href: basket.href, text: form.dataset.basketForm });
    } catch {
      form.submit();
    } finally {
      button.disabled = false;
    }
  });
}

function showCount(count) {
  const badge = document.querySelector("[data-basket-count]");
  badge.textContent = count;
  badge.hidden = count === 0;
}
