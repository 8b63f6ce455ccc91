"use strict";
// The editor of a placement: shows at each change what it would do, suggests products and visitors, and moves strategies
// up and down. Without this file the selects say the order, and a button opens the preview.
(() => {
  const WAIT = 350;
  const look = document.querySelector("[data-placement-preview]");
  if (!look) return;
  const form = look.closest("form") || document.querySelector("#placement_form");
  const result = look.querySelector("[data-result]");

  let asked = null;
  const refresh = async () => {
    if (asked) asked.abort();
    const request = (asked = new AbortController());
    result.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(look.dataset.placementPreview, {
        method: "POST",
        body: new FormData(form),
        credentials: "same-origin",
        headers: { "X-Requested-With": "recommender-preview" },
        signal: request.signal,
      });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      result.replaceChildren(...page.body.childNodes);
    } catch (error) {
      if (error.name === "AbortError") return;
      const note = document.createElement("p");
      note.className = "rec-note";
      note.setAttribute("role", "status");
      note.textContent = look.dataset.failed;
      result.replaceChildren(note);
    }
    result.removeAttribute("aria-busy");
  };

  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, WAIT);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);

  const suggest = (input, what) => {
    let waiting = 0;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(async () => {
        const address = `${look.dataset.suggest}?what=${what}&q=${encodeURIComponent(input.value)}`;
        const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
        if (!answer || !answer.ok || answer.redirected) return;
        const { results } = await answer.json();
        input.list.replaceChildren(...results.map((text) => Object.assign(document.createElement("option"), { value: text })));
      }, WAIT);
    });
  };
  const product = look.querySelector("[name=preview_product]");
  const visitor = look.querySelector("[name=preview_visitor]");
  if (product) suggest(product, "product");
  if (visitor) suggest(visitor, "visitor");

  const arrow = (sign, label, move) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "rec-order__shift", textContent: sign });
    button.setAttribute("aria-label", label);
    button.addEventListener("click", move);
    return button;
  };
  for (const order of document.querySelectorAll("[data-order]")) {
    const selects = [...order.querySelectorAll("select")];
    const exchange = (one, other) => {
      [one.value, other.value] = [other.value, one.value];
      other.dispatchEvent(new Event("change", { bubbles: true }));
    };
    selects.forEach((select, place) => {
      const row = select.closest("li");
      const name = row.querySelector("label").textContent;
      const up = arrow("↑", `${name} ↑`, () => exchange(select, selects[place - 1]));
      const down = arrow("↓", `${name} ↓`, () => exchange(select, selects[place + 1]));
      up.disabled = place === 0;
      down.disabled = place === selects.length - 1;
      row.append(up, down);
    });
  }

  const button = look.querySelector("[data-look]");
  if (button) button.hidden = true;
  refresh();
})();
