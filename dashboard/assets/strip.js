/* A machine's states in time on a canvas: one row of pixels, down wins its column, so that short stops
   do not vanish. The tooltip finds its piece by binary search. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  /* Height beside colour: what runs is full, what waits is low, so the picture reads without colour. */
  const HEIGHT = { running: 1, idle: 0.5, stopped: 0.5, down: 1, setup: 0.78, unknown: 1 };
  let colours = null;
  function palette() {
    if (colours) return colours;
    const style = getComputedStyle(document.documentElement);
    const read = name => style.getPropertyValue(name).trim();
    colours = { text: read("--muted"), line: read("--line"), now: read("--text") };
    for (const state of Object.keys(HEIGHT)) colours[state] = read("--" + state);
    return colours;
  }
  addEventListener("theme", () => { colours = null; });

  function sized(canvas) {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    return { pen, width: canvas.width, height: canvas.height, ratio };
  }
  function columns(strip, from, to, width, states) {
    const column = new Int8Array(width).fill(-1);
    const down = states.indexOf("down");
    const scale = width / (to - from);
    for (const first of [true, false]) {
      for (let i = 0; i < strip.length; i++) {
        const [start, state] = strip[i];
        const end = i + 1 < strip.length ? strip[i + 1][0] : strip.end;
        if (end <= from || start >= to || (state !== down) !== first) continue;
        const x0 = (start - from) * scale, x1 = (end - from) * scale;
        const left = Math.max(0, state === down ? Math.floor(x0) : Math.round(x0));
        const right = Math.min(width, state === down ? Math.ceil(x1) : Math.round(x1));
        if (right > left) column.fill(state, left, right);
      }
    }
    return column;
  }
  function hatch(pen, ratio, colour) {
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
  function draw(canvas, strip, from, to, now) {
    if (!canvas.clientWidth || to <= from) return;
    const { pen, width, height, ratio } = sized(canvas);
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
    if (!canvas.clientWidth || to <= from) return;
    const { pen, width, height, ratio } = sized(canvas);
    const paint = palette(), pixels = canvas.clientWidth;
    const wanted = (to - from) / office.MINUTE / Math.max(2, pixels / 80);
    const step = (STEPS_MIN.find(minutes => minutes >= wanted) || 1440) * office.MINUTE;
    const offset = office.zoneOffset(to);
    pen.fillStyle = paint.text;
    pen.font = 11.5 * ratio + "px system-ui, sans-serif";
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
  /* Local time minus UTC, so that ticks stand on local hours. */
  office.zoneOffset = ms => {
    const zone = office.plant.board ? office.plant.board.zone : "UTC";
    try {
      const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric",
        day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(ms);
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
      if (!step || !strip.length) return;
      event.preventDefault();
      chosen = chosen < 0 ? strip.length - 1 : Math.min(Math.max(chosen + step, 0), strip.length - 1);
      at(chosen);
    });
  }
  office.strip = { draw, axis, explain, pieceAt };
})();
