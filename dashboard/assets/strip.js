/* A machine's states in time on a canvas: one row of pixels. Down wins its column, and stopped comes next, so
   that short stops do not vanish however long the shift is. The tooltip finds its piece by binary search. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  /* Height beside colour: what runs is full, what waits is low, so the picture reads without colour. */
  const HEIGHT = { running: 1, idle: 0.5, stopped: 0.5, down: 1, setup: 0.78, unknown: 1 };
  let colours = null, theme = 0;
  function palette() {
    if (colours) return colours;
    const style = getComputedStyle(document.documentElement);
    const read = name => style.getPropertyValue(name).trim();
    colours = { text: read("--muted"), line: read("--line"), now: read("--text") };
    for (const state of Object.keys(HEIGHT)) colours[state] = read("--" + state);
    return colours;
  }
  addEventListener("theme", () => { colours = null; theme++; hatches.clear(); });

  /* Asking a canvas for its size between two writes lays the page out once for each row: the browser tells. */
  const sizes = new WeakMap();
  const watcher = new ResizeObserver(entries => {
    for (const { target } of entries) {
      const one = sizes.get(target), width = target.clientWidth, height = target.clientHeight;
      if (one.width === width && one.height === height) continue;
      Object.assign(one, { width, height, drawn: "" });
      if (one.again) one.again();
    }
  });
  function sizeOf(canvas) {
    if (!sizes.has(canvas)) {
      sizes.set(canvas, { width: canvas.clientWidth, height: canvas.clientHeight, pen: canvas.getContext("2d"), drawn: "", again: null });
      watcher.observe(canvas);
    }
    return sizes.get(canvas);
  }
  /* Draws by `paint` what `key` stands for, unless that is what the canvas shows; and again when its size changes. */
  function render(canvas, key, paint) {
    const one = sizeOf(canvas), ratio = window.devicePixelRatio || 1;
    one.again = () => render(canvas, key, paint);
    const width = Math.round(one.width * ratio), height = Math.round(one.height * ratio);
    if (!width) return;
    const shown = [key(width), width, height, ratio, theme].join();
    if (one.drawn === shown) return;
    one.drawn = shown;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    else one.pen.clearRect(0, 0, width, height);
    paint({ pen: one.pen, width, height, ratio, pixels: one.width });
  }
  /* The first piece that reaches beyond a moment. */
  function firstAt(strip, at) {
    let low = 0, high = strip.length;
    while (low < high) {
      const middle = (low + high) >> 1, end = middle + 1 < strip.length ? strip[middle + 1][0] : strip.end;
      if (end <= at) low = middle + 1; else high = middle;
    }
    return low;
  }
  /* The state of each column of pixels, -1 for none: a stop takes every column that it touches. */
  function columns(strip, from, to, width, states) {
    const column = new Int8Array(width).fill(-1);
    const scale = width / (to - from), down = states.indexOf("down"), stopped = states.indexOf("stopped");
    for (let i = firstAt(strip, from); i < strip.length && strip[i][0] < to; i++) {
      const state = strip[i][1], end = i + 1 < strip.length ? strip[i + 1][0] : strip.end;
      const x0 = (strip[i][0] - from) * scale, x1 = (end - from) * scale, stops = state === down || state === stopped;
      const left = Math.max(0, stops ? Math.floor(x0) : Math.round(x0));
      const right = Math.min(width, stops ? Math.ceil(x1) : Math.round(x1));
      for (let x = left; x < right; x++) {
        const there = column[x];
        if (state === down || (there !== down && (state === stopped || there !== stopped))) column[x] = state;
      }
    }
    return column;
  }
  const hatches = new Map();
  function hatch(pen, ratio, colour) {
    if (!hatches.has(ratio)) hatches.set(ratio, makeHatch(pen, ratio, colour));
    return hatches.get(ratio);
  }
  function makeHatch(pen, ratio, colour) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = Math.round(6 * ratio);
    const inner = tile.getContext("2d");
    inner.strokeStyle = colour;
    inner.lineWidth = ratio;
    inner.beginPath();
    for (const shift of [-tile.width, 0, tile.width]) { inner.moveTo(shift, tile.height); inner.lineTo(shift + tile.width, 0); }
    inner.stroke();
    return pen.createPattern(tile, "repeat");
  }
  /* Which picture of a window it is, to the pixel: a pixel of a shift is half a minute, and what is told
     within it, or beyond the window, and changes no state, is drawn already. */
  const pixels = (width, from, to, moments) =>
    [from, Math.round(Math.log(to - from) * width), ...moments.map(at => Math.round(Math.min(Math.max((at - from) / (to - from), -1), 2) * width))].join();
  /* Of pieces that nobody counts the changes of: they are counted. */
  function digest(strip) {
    let sum = strip.length;
    for (const [start, state] of strip) sum = (Math.imul(sum, 31) + start % 2147483647 + state) | 0;
    return sum;
  }
  const numbers = new WeakMap();
  let number = 0;
  function numberOf(strip) {
    if (!numbers.has(strip)) numbers.set(strip, ++number);
    return numbers.get(strip) + "." + (strip.changes === undefined ? digest(strip) : strip.changes);
  }
  function draw(canvas, strip, from, to, now) {
    if (to <= from) return;
    render(canvas, width => numberOf(strip) + "," + pixels(width, from, to, [now, strip.end]), surface => paintStrip(surface, strip, from, to, now));
  }
  function paintStrip({ pen, width, height, ratio }, strip, from, to, now) {
    const states = office.plant.states, paint = palette();
    const column = columns(strip, from, to, width, states);
    const unknown = hatch(pen, ratio, paint.unknown);
    for (let x = 0; x < width; ) {
      let end = x + 1;
      while (end < width && column[end] === column[x]) end++;
      if (column[x] >= 0) {
        const state = states[column[x]];
        const tall = Math.round(height * HEIGHT[state]);
        pen.fillStyle = state === "unknown" ? unknown : paint[state];
        pen.fillRect(x, height - tall, end - x, tall);
      }
      x = end;
    }
    if (now >= from && now <= to) {
      const at = Math.round(((now - from) / (to - from)) * width);
      pen.fillStyle = paint.now;
      pen.fillRect(at, 0, Math.max(1, Math.round(ratio)), height);
    }
  }
  const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720];
  function axis(canvas, from, to, now) {
    if (to <= from) return;
    const zone = office.plant.board ? office.plant.board.zone : "";
    render(canvas, width => zone + "," + pixels(width, from, to, [now]), surface => paintAxis(surface, from, to, now));
  }
  function paintAxis({ pen, width, height, ratio, pixels }, from, to, now) {
    const paint = palette();
    const wanted = (to - from) / office.MINUTE / Math.max(2, pixels / 80);
    const step = (STEPS_MIN.find(minutes => minutes >= wanted) || 1440) * office.MINUTE;
    const offset = office.zoneOffset(to);
    pen.fillStyle = paint.text;
    pen.font = 12 * ratio + "px system-ui, sans-serif";
    pen.textBaseline = "alphabetic";
    const nowX = ((now - from) / (to - from)) * width;
    for (let at = Math.ceil((from + offset) / step) * step - offset; at <= to; at += step) {
      const x = ((at - from) / (to - from)) * width;
      pen.fillStyle = paint.line;
      pen.fillRect(Math.round(x), height - 4 * ratio, Math.max(1, ratio), 4 * ratio);
      const label = office.time(at), half = pen.measureText(label).width / 2;
      if (Math.abs(x - nowX) < half * 2 + 14 * ratio) continue;
      pen.fillStyle = paint.text;
      pen.fillText(label, Math.min(Math.max(x - half, 0), width - 2 * half), height - 7 * ratio);
    }
    if (now >= from && now <= to) {
      pen.fillStyle = paint.now;
      pen.font = "600 " + pen.font;
      const label = "now", half = pen.measureText(label).width / 2;
      pen.fillText(label, Math.min(Math.max(nowX - half, 0), width - 2 * half), height - 7 * ratio);
      pen.fillRect(Math.min(Math.round(nowX), width - 1), height - 4 * ratio, Math.max(1, ratio), 4 * ratio);
    }
  }
  const zones = new Map();
  function zoned(zone) {
    if (!zones.has(zone)) {
      zones.set(zone, new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric",
        day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }));
    }
    return zones.get(zone);
  }
  /* Local time minus UTC, so that ticks stand on local hours. */
  office.zoneOffset = ms => {
    try {
      const parts = zoned(office.plant.board ? office.plant.board.zone : "UTC").formatToParts(ms);
      const get = type => Number(parts.find(part => part.type === type).value);
      return Date.UTC(get("year"), get("month") - 1, get("day"), get("hour"), get("minute"), get("second")) -
        Math.floor(ms / 1000) * 1000;
    } catch (error) { return 0; }
  };
  function pieceAt(strip, at) {
    let low = 0, high = strip.length - 1, found = -1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (strip[middle][0] <= at) { found = middle; low = middle + 1; } else high = middle - 1;
    }
    return found >= 0 && at < strip.end ? found : -1;
  }
  function wordsOf(strip, i) {
    const [start, state] = strip[i], end = i + 1 < strip.length ? strip[i + 1][0] : strip.end;
    const last = i + 1 >= strip.length;
    return `${office.plant.states[state]} ${office.clock(start)}–${last ? "now" : office.clock(end)} (${office.duration(end - start)})`;
  }
  /* One hint at a time, beside a pointer or what has the focus. */
  let tip = null;
  function showTip(text, x, y) {
    if (!tip) { tip = office.element("div", "tip"); tip.setAttribute("role", "status"); document.body.append(tip); }
    office.say(tip, text);
    tip.hidden = false;
    const half = tip.offsetWidth / 2;
    tip.style.left = Math.min(Math.max(x, half + 8), innerWidth - half - 8) + "px";
    tip.style.top = y + "px";
  }
  function hideTip() { if (tip) tip.hidden = true; }
  /* Pointer and arrow keys both walk over the pieces; `view` says what the canvas shows just now. */
  function explain(canvas, view) {
    let chosen = -1;
    const at = i => {
      const { strip, from, to } = view(), box = canvas.getBoundingClientRect();
      const end = i + 1 < strip.length ? strip[i + 1][0] : strip.end;
      const middle = (Math.max(strip[i][0], from) + Math.min(end, to)) / 2;
      showTip(wordsOf(strip, i), box.left + ((middle - from) / (to - from)) * box.width, box.top - 8);
    };
    canvas.addEventListener("pointermove", event => {
      const { strip, from, to } = view(), box = canvas.getBoundingClientRect();
      const i = pieceAt(strip, from + ((event.clientX - box.left) / box.width) * (to - from));
      if (i < 0) hideTip(); else showTip(wordsOf(strip, i), event.clientX, box.top - 8);
    });
    /* A piece that is clicked, or chosen by keys and entered, is told to who opens pieces. */
    const enter = i => { if (i >= 0) canvas.dispatchEvent(new CustomEvent("piece", { bubbles: true, detail: i })); };
    canvas.addEventListener("click", event => {
      const { strip, from, to } = view(), box = canvas.getBoundingClientRect();
      hideTip();
      enter(pieceAt(strip, from + ((event.clientX - box.left) / box.width) * (to - from)));
    });
    canvas.addEventListener("pointerleave", hideTip);
    canvas.addEventListener("blur", hideTip);
    canvas.addEventListener("focus", () => { chosen = -1; });
    canvas.addEventListener("keydown", event => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const { strip } = view();
      if (event.key === "Enter" && chosen >= 0 && chosen < strip.length) { hideTip(); enter(chosen); return; }
      if (!step || !strip.length || event.shiftKey) return;
      event.preventDefault();
      chosen = chosen < 0 ? Math.max(0, pieceAt(strip, Math.min(view().to, strip.end) - 1)) : Math.min(Math.max(chosen + step, 0), strip.length - 1);
      at(chosen);
    });
  }
  office.tip = { show: showTip, hide: hideTip };
  office.strip = { draw, axis, explain, pieceAt };
})();
