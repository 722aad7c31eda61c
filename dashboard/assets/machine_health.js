/* Where the signals are going, in words above their charts and drawn into them: what is foreseen with its
   interval, and behind every signal the time in which the machine did not run. A point of a chart opens. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const AGAIN_MS = 30000, DRAW_MS = 5000, MOST_SHADES = 200;
  let found = null, drawnAt = 0, key = "", busy = false;

  /* --- words ---------------------------------------------------------------------------------------------- */
  const moment = text => office.date(Date.parse(text)) + ", " + office.time(Date.parse(text));
  function draw(box, said) {
    found = said;
    const foreseen = said.conditions.filter(one => one.words), line = by("machine-foreseen"), pieces = [];
    if (line) {
      line.hidden = !foreseen.length;
      office.say(line, foreseen.length ? "Foreseen: " + foreseen.map(one => one.words).join("; ") : "");
    }
    for (const one of foreseen) {
      const item = make("div", "foreseen"), head = make("p", "strong-words", one.words), more = make("details"), button = make("button", "button small", "Show it in the chart");
      more.append(make("summary", "", "How it was found"), make("p", "label", one.found + ` It began to ${one.limit >= one.baseline ? "rise" : "fall"} ${moment(one.rises_since)}.`));
      button.type = "button";
      button.addEventListener("click", () => lookAhead(one));
      item.append(head, button, more);
      pieces.push(item);
    }
    if (!foreseen.length) {
      const looked = said.conditions.map(one => `${one.signal} (${one.minutes ? `${office.count(one.minutes)} min of running, now ${office.value(one.level)} ${one.unit}` : "not seen running"}${one.high !== null ? `, limit ${one.high} ${one.unit}` : one.low !== null ? `, limit ${one.low} ${one.unit}` : ""})`);
      const line = make("p", "", "Nothing is foreseen"), more = make("details", "looked"), list = make("ul", "label");
      line.append(make("span", "label", looked.length ? ` of ${looked.length} signal${looked.length === 1 ? "" : "s"} with a limit, as of ${office.time(Date.parse(said.at))}` : ": none of its signals has a normal range, so there is no limit to reach"));
      for (const one of looked) list.append(make("li", "", one));
      more.append(make("summary", "", "What was looked at"), make("p", "label", "A lasting rise or fall towards a limit, of the level in running time, in the last 12 h:"), list);
      pieces.push(line, ...(looked.length ? [more] : []));
    }
    box.replaceChildren(...pieces);
    paint(true);
  }
  const ask = office.panel("machine-health", "/api/conditions", "What is foreseen", draw, AGAIN_MS);
  office.onWindow(window => { ask({ machine: window.machine, ...(window.query.run ? { run: window.query.run } : {}) }, true); paint(false); });

  /* --- in the charts ---------------------------------------------------------------------------------------- */
  const axisOf = place => (place ? "y" + (place + 1) : "y");
  function lookAhead(one) {
    const plot = office.machinePlot(), meta = plot && plot.layout && plot.layout.meta;
    if (!meta) return;
    const until = Date.parse(one.reached_until || one.reached), now = Date.parse(found.at), end = Math.max(until, Date.parse(one.reached)) + (until - now) * 0.1;
    paint(true);
    Plotly.relayout(plot, { "xaxis.range": [meta.from_ms + meta.offset_ms, end + meta.offset_ms] });
    plot.scrollIntoView({ block: "nearest" });
  }
  const text = ms => new Date(ms).toISOString().slice(0, 23).replace("T", "_");  /* in a path a blank would end the moment */
  function forecasts(meta) {
    const shapes = [], colour = getComputedStyle(document.documentElement).getPropertyValue("--down").trim();
    for (const one of found ? found.conditions : []) {
      const place = meta.signals.indexOf(one.signal);
      if (!one.words || place < 0) continue;
      const x = at => at + meta.offset_ms, now = x(Date.parse(found.at)), at = x(Date.parse(one.reached)), low = x(Date.parse(one.reached_from)), late = x(Date.parse(one.reached_until || one.reached));
      const common = { xref: "x", yref: axisOf(place), line: { color: colour, width: 1.5 } };
      shapes.push({ ...common, type: "path", path: `M ${text(now)},${one.now} L ${text(low)},${one.limit} L ${text(late)},${one.limit} Z`, fillcolor: colour, opacity: 0.16, line: { width: 0 } },
        { ...common, type: "line", x0: now, y0: one.now, x1: at, y1: one.limit, line: { color: colour, width: 1.6, dash: "dash" } },
        { ...common, type: "line", x0: low, y0: one.limit, x1: late, y1: one.limit, line: { color: colour, width: 3 } });
    }
    return shapes;
  }
  /* Time in which it did not run, so that running is compared with running. */
  function shades(meta) {
    const { strip } = office.machineView(), running = office.plant.states.indexOf("running"), spans = [];
    const from = meta.from_ms, to = Math.min(strip.end || meta.to_ms, Math.max(meta.to_ms, strip.end || 0)), least = (to - from) / 600;
    for (let i = 0; i < strip.length; i++) {
      const start = Math.max(strip[i][0], from), end = Math.min(i + 1 < strip.length ? strip[i + 1][0] : strip.end, to);
      if (end <= start || strip[i][1] === running) continue;
      const last = spans[spans.length - 1];
      if (last && start - last[1] < least) last[1] = end; else spans.push([start, end]);
    }
    const wide = spans.filter(([start, end]) => end - start >= least).sort((a, b) => b[1] - b[0] - (a[1] - a[0])).slice(0, MOST_SHADES);
    return wide.map(([start, end]) => ({ type: "rect", xref: "x", yref: "paper", x0: start + meta.offset_ms, x1: end + meta.offset_ms, y0: 0, y1: 1, fillcolor: "rgba(123,135,148,0.13)", line: { width: 0 }, layer: "below" }));
  }
  function paint(at_once) {
    const plot = office.machinePlot(), meta = plot && plot._fullLayout && plot.layout.meta;
    if (!meta || !meta.shapes || !meta.signals.length || busy) return;
    if (!at_once && Date.now() - drawnAt < DRAW_MS) return;
    watch(plot);
    const shapes = [...shades(meta), ...meta.shapes, ...forecasts(meta)], now = JSON.stringify([shapes, plot.layout.uirevision]);
    if (now === key && plot.layout.shapes && plot.layout.shapes.length === shapes.length) return;
    key = now;
    drawnAt = Date.now();
    busy = true;
    Plotly.relayout(plot, { shapes }).then(() => { busy = false; }, () => { busy = false; });
  }
  addEventListener("theme", () => paint(true));
  /* A point opens the message that made it. */
  function watch(plot) {
    if (plot.officePoints || !plot.on) return;
    plot.officePoints = true;
    plot.on("plotly_click", ({ points }) => {
      const meta = plot.layout.meta, point = points && points[0];
      if (!point || !office.machineWindow) return;
      const place = Math.floor(point.curveNumber / 3), signal = meta.signals[place], minute = point.data.x[point.pointNumber] - meta.offset_ms;
      if (!Number.isFinite(minute)) return;
      const mean = plot.data[place * 3 + 2].y[point.pointNumber];
      office.openPoint(office.machineWindow.machine, signal, `${office.value(mean)} is the mean of the minute from ${office.clock(minute)}, ${office.date(minute)}. The message that finished it:`, minute + office.MINUTE - 1);
    });
  }
})();
