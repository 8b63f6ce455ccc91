// A thumbnail slides its picture into view without touching the address, and follows when the visitor swipes.
export function enhanceGallery() {
  const gallery = document.querySelector("[data-gallery]");
  const stage = gallery?.querySelector("ul");
  const thumbs = [...(gallery?.querySelectorAll("a[href^='#picture-']") ?? [])];
  if (!thumbs.length) return;
  thumbs.forEach((thumb, index) =>
    thumb.addEventListener("click", (event) => {
      event.preventDefault();
      stage.scrollTo({ left: index * stage.clientWidth });
    }),
  );
  stage.addEventListener("scroll", () => {
    const shown = Math.round(stage.scrollLeft / stage.clientWidth);
    thumbs.forEach((thumb, index) => {
      if (index === shown) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
    });
  }, { passive: true });
}
