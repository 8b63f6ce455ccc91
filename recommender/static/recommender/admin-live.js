"use strict";
// Keeps the parts of a page that say how far something is up to date while it runs, by fetching the page again. A part
// has an id and data-live="running" as long as there is more to come.
(() => {
  const SECONDS = 3;

  const wait = () => {
    if (document.querySelector('[data-live="running"]')) setTimeout(refresh, SECONDS * 1000);
  };

  const refresh = async () => {
    try {
      const answer = document.hidden ? null : await fetch(location.href, { credentials: "same-origin" });
      // A redirect leads to the login.
      if (answer && answer.ok && !answer.redirected) swap(await answer.text());
    } catch {
      // The server restarts; the next try is soon.
    }
    wait();
  };

  const swap = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(part.id);
      // Who has tabbed into a part keeps their place.
      if (fresh && part.isConnected && !part.contains(document.activeElement)) part.replaceWith(fresh);
    }
  };

  wait();
})();
