// Switches light and dark in place; the cookie lets the server render the chosen theme from the first byte.
const YEAR_SECONDS = 31536000;

export function enhanceTheme() {
  const button = document.querySelector("[data-theme-toggle]");
  if (!button) return;
  const field = button.form.elements.theme;
  const label = button.querySelector(".visually-hidden");
  const root = document.documentElement;
  const isDark = () =>
    root.dataset.theme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : root.dataset.theme === "dark";
  const offer = () => {
    field.value = isDark() ? "light" : "dark";
    label.textContent = isDark() ? button.dataset.toLight : button.dataset.toDark;
  };
  button.form.addEventListener("submit", (event) => {
    event.preventDefault();
    root.dataset.theme = field.value;
    document.cookie = `theme=${field.value}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
    offer();
  });
  offer();
}
