/* How long the parts of a window took: a bar for each length, with the ideal cycle and the median. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const make = (name, className, text) => office.element(name, className, text);
  /* Room for five figures at the left, and for the name of a mark at the right. */
  const HIGH = 184, LEFT = 50, RIGHT = 56, TOP = 46, BOTTOM = 22, AGAIN_MS = 20000;

  function draw(box, said) {
    const cycles = said.cycles, ideal = said.ideal_cycle_s;
    if (!cycles) { box.replaceChildren(make("p", "label", "No cycle times: " + said.missing + ".")); return; }
    const seconds = value => office.value(value) + " s", words = make("p", "cycle-words");
    words.append(make("span", "number", seconds(cycles.median_s)), ` median of ${office.count(cycles.count)} parts` + (ideal === null ? "" : `, ideal ${seconds(ideal)}`));
    const svg = picture(box.clientWidth || 300, cycles, ideal);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `Histogram of ${cycles.count} cycles: median ${seconds(cycles.median_s)}, mean ${seconds(cycles.mean_s)}${ideal === null ? "" : `, ideal ${seconds(ideal)}`}`);
    box.replaceChildren(words, svg, make("p", "label", `running time from part to part in s; bars of ${cycles.width_s} s` + (cycles.longer ? `; ${office.count(cycles.longer)} longer than shown` : "")));
  }
  function picture(width, cycles, ideal) {
    const end = cycles.from_s + cycles.bars.length * cycles.width_s, margin = (end - cycles.from_s) * 0.04;
    const from = Math.max(0, Math.min(cycles.from_s, ideal === null ? Infinity : ideal) - margin), to = Math.max(end, ideal === null ? 0 : ideal) + margin, most = Math.max(...cycles.bars, 1);
    const x = s => LEFT + ((s - from) / (to - from)) * (width - LEFT - RIGHT), y = n => HIGH - BOTTOM - (n / most) * (HIGH - TOP - BOTTOM);
    const svg = office.svg("svg", { viewBox: `0 0 ${width} ${HIGH}`, width, height: HIGH, class: "chart" });
    const put = (name, attributes, text) => { const node = office.svg(name, attributes); if (text !== undefined) node.textContent = text; svg.append(node); };
    const each = Math.max(1, office.roundStep(most, 3));
    for (let n = 0; n <= most; n += each) {
      put("line", { x1: LEFT, x2: width - RIGHT, y1: y(n), y2: y(n), class: "grid" });
      put("text", { x: LEFT - 6, y: y(n) + 4, "text-anchor": "end" }, office.count(n));
    }
    put("text", { x: 0, y: TOP - 12 }, "parts");
    cycles.bars.forEach((n, k) => {
      const left = x(cycles.from_s + k * cycles.width_s), wide = Math.max(x(cycles.from_s + (k + 1) * cycles.width_s) - left - 1, 1);
      if (n) put("rect", { x: left.toFixed(1), y: y(n).toFixed(1), width: wide.toFixed(1), height: Math.max(HIGH - BOTTOM - y(n), 1).toFixed(1), class: "bar-of" });
    });
    const step = office.roundStep(to - from, Math.max(2, Math.floor(width / 70)));
    for (let s = Math.ceil(from / step) * step; s <= to; s += step) put("text", { x: Math.min(Math.max(x(s), LEFT + 4), width - 14), y: HIGH - 5, "text-anchor": "middle" }, String(Math.round(s * 100) / 100));
    /* The first of two marks is named to its left, the second to its right where there is room. */
    const mark = (s, name, row, left = false) => {
      const at = x(s), right = left ? at > LEFT + 50 : at > width - 56;
      put("line", { x1: at, x2: at, y1: row * 17 + 2, y2: HIGH - BOTTOM, class: "mark " + name });
      put("text", { x: at + (right ? -4 : 4), y: 12 + row * 17, "text-anchor": right ? "end" : "start", class: "mark-word" }, name);
    };
    if (ideal !== null) mark(ideal, "ideal", 0, ideal < cycles.median_s);
    mark(cycles.median_s, "median", ideal === null ? 0 : 1);
    return svg;
  }
  const ask = office.panel("machine-cycles", "/api/cycles", "The cycles", draw, AGAIN_MS);
  office.onWindow(window => ask(window.query, window.live));
  addEventListener("resize", ask.redraw);
})();
