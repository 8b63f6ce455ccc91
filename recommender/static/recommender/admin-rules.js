"use strict";
// The form of a merchandising rule: hides what the chosen action and target have no use for, and shows the effect of
// what the form holds without leaving it.
(() => {
  const SHOWN = {
    position: (action) => action === "pin",
    strength: (action) => action === "boost" || action === "bury",
    share: (action) => action === "boost",
    product: (_, target) => target === "product",
    attribute: (_, target) => target === "attribute",
    value: (_, target) => target === "brand" || target === "attribute",
  };

  const field = (name) => document.getElementById(`id_${name}`);

  const tidy = () => {
    const action = field("action");
    const target = field("target");
    if (!action || !target) return;
    if (action.value === "pin") target.value = "product";
    for (const [name, wanted] of Object.entries(SHOWN)) {
      const row = field(name)?.closest(".form-row");
      if (row) row.hidden = !wanted(action.value, target.value);
    }
    const how = field("position")?.closest("fieldset");
    if (how) how.hidden = action.value === "exclude" || !action.value;
    const value = field("value");
    if (value) value.dataset.pick = value.dataset.pick.replace(/(brands|values)\/$/, target.value === "brand" ? "brands/" : "values/");
  };

  const show = async (button, here) => {
    const form = button.form;
    here.setAttribute("aria-busy", "true");
    here.textContent = here.dataset.busy;
    button.disabled = true;
    try {
      const answer = await fetch(button.formAction, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Part": "effect" },
        credentials: "same-origin",
      });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      here.innerHTML = await answer.text();
    } catch {
      here.textContent = here.dataset.failed;
    }
    here.removeAttribute("aria-busy");
    button.disabled = false;
    button.focus();
  };

  addEventListener("DOMContentLoaded", () => {
    for (const name of ["action", "target"]) field(name)?.addEventListener("change", tidy);
    tidy();
    const button = document.querySelector("[data-effect]");
    const here = document.querySelector("[data-effect-here]");
    button?.addEventListener("click", (event) => {
      event.preventDefault();
      show(button, here);
    });
  });
})();
