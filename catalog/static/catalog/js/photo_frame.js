// A frame on a picture that is moved and sized with the mouse, a finger or the arrow keys, in shares of the picture.
const least = 0.08;
const step = 0.02;
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export function frame(stage, region, { moved, settled }) {
  let box = { left: 0, top: 0, width: 1, height: 1 };
  let waiting;

  function show(next) {
    box = next;
    for (const side of ["left", "top", "width", "height"]) region.style[side] = `${100 * box[side]}%`;
    region.style.right = region.style.bottom = "auto";
    const whole = box.width > 0.999 && box.height > 0.999;
    moved(whole ? "" : [box.left, box.top, box.width, box.height].map((share) => share.toFixed(4)).join(","));
  }

  function settle(delay) {
    clearTimeout(waiting);
    waiting = setTimeout(() => settled({ width: Math.round(100 * box.width), height: Math.round(100 * box.height) }), delay);
  }

  const shifted = (from, x, y) => ({
    ...from,
    left: clamp(from.left + x, 0, 1 - from.width),
    top: clamp(from.top + y, 0, 1 - from.height),
  });

  // The grip's corner follows; the opposite one stays.
  function sized(from, x, y, grip) {
    const right = from.left + from.width;
    const bottom = from.top + from.height;
    const left = grip.includes("w") ? clamp(from.left + x, 0, right - least) : from.left;
    const top = grip.includes("n") ? clamp(from.top + y, 0, bottom - least) : from.top;
    const farther = grip.includes("e") ? clamp(right + x, left + least, 1) : right;
    const lower = grip.includes("s") ? clamp(bottom + y, top + least, 1) : bottom;
    return { left, top, width: farther - left, height: lower - top };
  }

  region.addEventListener("pointerdown", (event) => {
    const from = box;
    const grip = event.target.dataset.grip;
    const bounds = stage.getBoundingClientRect();
    region.setPointerCapture(event.pointerId);
    const follow = (move) => {
      const x = (move.clientX - event.clientX) / bounds.width;
      const y = (move.clientY - event.clientY) / bounds.height;
      show(grip ? sized(from, x, y, grip) : shifted(from, x, y));
    };
    region.addEventListener("pointermove", follow);
    region.addEventListener("lostpointercapture", () => {
      region.removeEventListener("pointermove", follow);
      if (box !== from) settle(0);
    }, { once: true });
  });

  region.addEventListener("keydown", (event) => {
    const way = arrows[event.key];
    if (!way) return;
    event.preventDefault();
    const [x, y] = way.map((direction) => direction * step);
    show(event.shiftKey ? sized(box, x, y, "se") : shifted(box, x, y));
    settle(500);
  });

  return { reset: () => show({ left: 0, top: 0, width: 1, height: 1 }) };
}
