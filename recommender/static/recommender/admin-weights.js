"use strict";
// A form with data-weights, the id of what it shows: follows its sliders by fetching the form's own page.
// Without this script the form's button does.
(() => {
  const WAIT = 200;

  for (const form of document.querySelectorAll("form[data-weights]")) {
    let timer;
    let asked = 0;

    const show = async () => {
      const number = ++asked;
      const address = `${location.pathname}?${new URLSearchParams(new FormData(form))}`;
      try {
        const answer = await fetch(address, { credentials: "same-origin" });
        // A redirect leads to the login; a later move of a slider has the last word.
        if (!answer.ok || answer.redirected || number !== asked) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(form.dataset.weights);
        if (!fresh || number !== asked) return;
        document.getElementById(form.dataset.weights).replaceChildren(...fresh.childNodes);
        history.replaceState(null, "", address);
      } catch {
        // The button still works when the server is back.
      }
    };

    form.addEventListener("input", (event) => {
      if (event.target.type !== "range") return;
      const sliders = [...form.querySelectorAll('input[type="range"]:not(:disabled)')];
      const total = sliders.reduce((sum, slider) => sum + slider.valueAsNumber, 0);
      for (const slider of sliders) {
        const output = form.querySelector(`output[for="${slider.id}"]`);
        output.value = (total ? Math.round((100 * slider.valueAsNumber) / total) : 0) + output.dataset.unit;
      }
      clearTimeout(timer);
      if (total) timer = setTimeout(show, WAIT);
    });
  }
})();
