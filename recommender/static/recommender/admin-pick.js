"use strict";
// Suggestions under a text field with data-pick, the address to ask: a combobox as the ARIA practices describe it.
// Without this script the field takes what is typed in full.
(() => {
  const WAIT = 150;
  let lists = 0;

  const attach = (input) => {
    const list = document.createElement("ul");
    list.id = `rec-pick-${++lists}`;
    list.className = "rec-pick";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    const label = input.labels?.[0];
    if (label) {
      label.id ||= `${list.id}-label`;
      list.setAttribute("aria-labelledby", label.id);
    }
    const status = document.createElement("span");
    status.className = "rec-unseen";
    status.setAttribute("role", "status");
    const box = document.createElement("span");
    box.className = "rec-pick-box";
    input.replaceWith(box);
    box.append(input, list, status);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");

    let timer = 0;
    let asked = 0;

    const options = () => [...list.children];
    const active = () => list.querySelector("[aria-selected=true]");

    const close = () => {
      clearTimeout(timer);
      asked += 1;
      list.hidden = true;
      list.replaceChildren();
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };

    const mark = (option) => {
      active()?.setAttribute("aria-selected", "false");
      if (!option) return;
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    };

    const choose = (option) => {
      input.value = option.dataset.value;
      close();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    };

    const open = (found) => {
      list.replaceChildren(
        ...found.map(({ value, label: words, image }, number) => {
          const option = document.createElement("li");
          option.id = `${list.id}-${number}`;
          option.dataset.value = value;
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
          if (image) {
            const picture = document.createElement("img");
            Object.assign(picture, { src: image, alt: "", width: 32, height: 32 });
            option.append(picture);
          }
          option.append(words);
          return option;
        }),
      );
      list.hidden = found.length === 0;
      input.setAttribute("aria-expanded", String(found.length > 0));
      status.textContent = found.length ? input.dataset.pickSome : input.dataset.pickNone;
    };

    const ask = async () => {
      const mine = ++asked;
      const address = new URL(input.dataset.pick, location.href);
      address.searchParams.set("q", input.value);
      const of = input.dataset.pickOf && document.getElementById(input.dataset.pickOf);
      if (of) address.searchParams.set("of", of.value);
      try {
        const answer = await fetch(address, { credentials: "same-origin" });
        if (!answer.ok || answer.redirected || mine !== asked) return;
        const { results } = await answer.json();
        if (mine === asked) open(results);
      } catch {
        close();
      }
    };

    const step = (by) => {
      const all = options();
      if (!all.length) return;
      const at = all.indexOf(active());
      mark(all[(at + by + all.length + (at < 0 && by < 0 ? 1 : 0)) % all.length]);
    };

    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) ask();
        else step(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter" && active()) {
        event.preventDefault();
        choose(active());
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    input.addEventListener("blur", close);
    // Before the blur that a press would cause.
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) choose(option);
    });
  };

  addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-pick]").forEach(attach));
})();
