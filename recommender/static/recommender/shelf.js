// Puts shelves that are loaded later into their places, shortly before these come into sight. Without this file, or when
// it cannot reach the shop, the place keeps its link to the shelf.
const AHEAD = "600px";

const load = async (place) => {
  try {
    const answer = await fetch(place.dataset.recLater, {
      credentials: "same-origin",
      headers: { "X-Requested-With": "recommender-shelf" },
    });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const shelf = page.body.firstElementChild;
    if (shelf) place.replaceWith(shelf);
    else place.remove();
  } catch {
    // The link stays.
  }
};

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      watcher.unobserve(target);
      load(target);
    }
  },
  { rootMargin: AHEAD },
);
for (const place of document.querySelectorAll("[data-rec-later]")) watcher.observe(place);
