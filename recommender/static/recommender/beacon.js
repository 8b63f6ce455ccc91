"use strict";
// Tells this site, and nobody else, which lists came into view and which cards were followed.
(() => {
  const { events: url, csrf } = document.currentScript.dataset;
  const silent = navigator.globalPrivacyControl || navigator.doNotTrack === "1";
  const SHELF = "[data-recommendation]", CARD = "[data-product]";
  const queue = [];
  const digit = (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16);
  const uuid = () => "10000000-1000-4000-8000-100000000000".replace(/[018]/g, digit);

  const send = () => {
    if (!queue.length) return;
    const body = new FormData();
    body.append("csrfmiddlewaretoken", csrf);
    body.append("events", JSON.stringify(queue.splice(0, 100)));
    if (!navigator.sendBeacon?.(url, body)) fetch(url, { method: "POST", body, keepalive: true }).catch(() => {});
  };
  const note = (shelf, kind, more) =>
    silent || queue.push({ id: uuid(), kind, recommendation_id: shelf.dataset.recommendation, ...more });
  setInterval(send, 5000);
  addEventListener("pagehide", send);
  document.addEventListener("visibilitychange", () => document.hidden && send());

  // A list is seen, once, when half of a card was in view for a second.
  const known = new WeakSet(), visible = new Set(), timers = new Map();
  const look = (shelf) => {
    timers.delete(shelf);
    const cards = [...shelf.querySelectorAll(CARD)];
    const products = cards.filter((card) => visible.has(card)).map((card) => card.dataset.product);
    if (!products.length || document.hidden) return;
    cards.forEach((card) => watcher.unobserve(card));
    note(shelf, "impression", { products });
  };
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      visible[isIntersecting ? "add" : "delete"](target);
      const shelf = target.closest(SHELF);
      if (isIntersecting && shelf && !timers.has(shelf)) timers.set(shelf, setTimeout(look, 1000, shelf));
    }
  }, { threshold: 0.5 });
  const find = () => document.querySelectorAll(`${SHELF} ${CARD}`).forEach((card) => {
    if (!known.has(card)) known.add(card), watcher.observe(card);
  });
  find();
  new MutationObserver(find).observe(document.body, { childList: true, subtree: true });

  const click = ({ target, button }) => {
    const card = target.closest?.("a[href]")?.closest(CARD), shelf = card?.closest(SHELF);
    if (!shelf || button > 1) return;
    note(shelf, "click", { product: card.dataset.product, position: +card.dataset.position });
    send();
  };
  document.addEventListener("click", click);
  document.addEventListener("auxclick", click);
})();
