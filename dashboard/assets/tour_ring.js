/* What the tour points at: a ring over it that nothing owns but this file, and the page scrolled so that
   neither the frame nor the panel lies over it. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const MARGIN = 6, GAP = 14;
  const CALM = matchMedia("(prefers-reduced-motion: reduce)");
  const R = { node: null, step: null, held: false, due: false };

  /* The part of the window that is left between the frame and the panel. */
  function free() {
    const frame = document.querySelector(".frame");
    const stays = frame && getComputedStyle(frame).position === "sticky";
    const top = stays ? Math.max(0, frame.getBoundingClientRect().bottom) : 0;
    return { top: top + GAP, bottom: office.tourPanel.top() - GAP };
  }
  function fixed(node) {
    for (let at = node; at && at !== document.body; at = at.parentElement) if (["fixed", "sticky"].includes(getComputedStyle(at).position)) return true;
    return false;
  }
  /* In the middle where it fits, from its top where it does not. */
  function scroll(node, smooth) {
    if (fixed(node)) return;
    const box = node.getBoundingClientRect(), { top, bottom } = free(), slack = bottom - top - box.height;
    const by = box.top - top - Math.max(0, slack / 2);
    if (slack >= 0 ? box.top < top || box.bottom > bottom : Math.abs(box.top - top) > 1) scrollBy({ top: by, behavior: smooth && !CALM.matches ? "smooth" : "instant" });
  }
  function place() {
    R.due = false;
    const node = R.step && office.tour.pointed(R.step);
    if (!R.node || !node) { if (R.node) R.node.hidden = true; return; }
    const box = node.getBoundingClientRect();
    R.node.hidden = false;
    const left = Math.max(2, box.left - MARGIN), right = Math.min(document.documentElement.clientWidth - 2, box.right + MARGIN);
    Object.assign(R.node.style, { left: `${left}px`, top: `${box.top - MARGIN}px`, width: `${right - left}px`, height: `${box.height + 2 * MARGIN}px` });
  }
  /* The page goes on filling in: until the reader scrolls, what is pointed at stays in sight. */
  function follow() {
    const node = R.step && office.tour.pointed(R.step);
    if (node && !R.held) scroll(node, false);
    place();
  }
  const later = () => { if (R.step && !R.due) { R.due = true; requestAnimationFrame(place); } };
  const watching = new ResizeObserver(() => { if (R.step) follow(); });

  function on(step) {
    R.step = step;
    R.held = false;
    if (!R.node) {
      R.node = office.element("div", "tour-ring");
      R.node.setAttribute("aria-hidden", "true");
      document.body.append(R.node);
    }
    const node = office.tour.pointed(step);
    if (node) scroll(node, true);
    watching.disconnect();
    watching.observe(document.body);
    place();
  }
  function off() {
    R.step = null;
    watching.disconnect();
    if (R.node) R.node.hidden = true;
  }
  for (const how of ["wheel", "touchmove"]) addEventListener(how, () => { R.held = true; }, { passive: true });
  addEventListener("keydown", event => { if (["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown", " "].includes(event.key)) R.held = true; });
  addEventListener("scroll", later, { passive: true, capture: true });
  for (const reason of ["live", "resize"]) addEventListener(reason, later);
  office.tourRing = { on, off, place: later };
})();
