// Shows the results of a changed filter at once; the address stays shareable and Back works.
export function enhanceFilters() {
  const form = document.querySelector("[data-filters]");
  if (!form) return;
  const wide = matchMedia("(min-width: 60rem)");
  form.addEventListener("change", () => wide.matches && load(addressOf(form)));
  form.addEventListener("submit", (event) => {
    if (!wide.matches) return;
    event.preventDefault();
    load(addressOf(form));
  });
  addEventListener("popstate", () => location.reload());
}

function addressOf(form) {
  const wanted = [...new FormData(form)].filter(([, value]) => value !== "");
  return `${form.getAttribute("action")}?${new URLSearchParams(wanted)}`;
}

let running;

async function load(address) {
  running?.abort();
  running = new AbortController();
  const results = document.querySelector("[data-results]");
  results.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { signal: running.signal });
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    results.replaceWith(page.querySelector("[data-results]"));
    document.querySelector("[data-live]").textContent = page.querySelector("[data-live]").textContent;
    updateCounts(page);
    history.pushState(null, "", address);
  } catch (error) {
    if (error.name !== "AbortError") location.href = address;
  }
}

// The options keep their place and focus; only the numbers behind them change.
function updateCounts(page) {
  for (const input of document.querySelectorAll("[data-filters] input[type=checkbox]")) {
    const count = input.parentElement.querySelector(".option__count");
    if (!count) continue;
    const twin = page.querySelector(`[data-filters] input[name="${input.name}"][value="${CSS.escape(input.value)}"]`);
    count.textContent = twin?.parentElement.querySelector(".option__count").textContent ?? "0";
  }
}
