/* The article's picture: Industry 4.0 and the Industrial IoT within it, each block lit by what embodies it.
   What a block is stands in the table of `pages/industry.py`; the numbers come from /api/industry. */
"use strict";
(() => {
  const office = window.office;
  const by = id => document.getElementById(id);
  const EVERY_MS = 2000, STALE_S = 5, WIDE_PX = 820;
  const NARROW = 300, LAMP_BELOW = 340, GAP = 18, PAD = 18, TITLE = 38, BLOCK = 188, LINES = 3;
  const some = number => number === null || number === undefined;
  const rate = number => some(number) ? office.NONE : number >= 100 ? office.count(Math.round(number)) : office.decimal(number, 1);
  const span = seconds => some(seconds) ? "" : office.duration(seconds * 1000);
  const plural = (number, one, many) => `${office.count(number)} ${number === 1 ? one : many}`;
  function size(bytes) {
    if (some(bytes)) return "";
    const units = ["bytes", "kB", "MB", "GB", "TB"];
    let step = 0;
    while (bytes >= 1000 && step < units.length - 1) { bytes /= 1000; step++; }
    return `${step ? office.decimal(bytes, 1) : bytes} ${units[step]}`;
  }
  /* Of each block: its number with unit, what it is a part of, and whether that lights it. */
  const SAY = {
    sensors: d => ({
      number: rate(d.sensors.readings_per_s), unit: "readings a second", lit: d.sensors.readings_per_s > 0,
      more: some(d.sensors.readings) ? "" : `${plural(d.sensors.readings, "reading", "readings")} with ${plural(d.sensors.values, "value", "values")} in ${span(d.span_s)} of this run; ${plural(d.sensors.signals, "signal", "signals")} of ${plural(d.sensors.machines, "machine", "machines")}`,
    }),
    communication: d => ({
      number: rate(d.communication.messages_per_s), unit: "messages a second", lit: d.communication.messages_per_s > 0,
      more: some(d.communication.messages) ? "" : `${plural(d.communication.messages, "MQTT message", "MQTT messages")} in ${span(d.span_s)} of this run; ${office.count(d.communication.online)} of ${plural(d.sensors.machines, "machine", "machines")} online`,
    }),
    automation: d => ({
      number: some(d.automation.calls) ? office.NONE : `${office.count(d.automation.acknowledged)} of ${office.count(d.automation.calls)}`,
      unit: "calls acted upon", lit: d.automation.acknowledged > 0,
      more: some(d.automation.calls) ? "" : `in ${span(d.span_s)} of this run; somebody came for ${office.count(d.automation.attended)}, ${office.count(d.automation.closed)} are over, ${office.count(d.automation.missed)} were missed`,
    }),
    history: d => ({
      number: office.count(d.history.rows), unit: "rows kept", lit: d.history.rows > 0,
      more: `${span(d.history.span_s)} of plant time in ${plural(d.history.runs, "run", "runs")}` + (some(d.history.bytes) ? "" : `, ${size(d.history.bytes)}`),
    }),
    cloud: d => ({
      number: office.count(d.cloud.streams), unit: d.cloud.streams === 1 ? "page follows live" : "pages follow live", lit: d.cloud.streams > 0 || d.cloud.posted > 0,
      more: (some(d.cloud.posted) ? "no webhook is set" : `${plural(d.cloud.posted, "event", "events")} posted to a webhook since the office began`) + "; every number is open to other programs",
    }),
    ai: d => ({
      number: some(d.ai.forecasts) ? office.NONE : office.count(d.ai.forecasts), unit: d.ai.forecasts === 1 ? "forecast made" : "forecasts made", lit: d.ai.forecasts > 0 || d.ai.learned > 0,
      more: some(d.ai.learned) ? "" : `of a trend towards a limit, in ${span(d.span_s)} of this run; ${plural(d.ai.learned, "threshold", "thresholds")} learned from readings`,
    }),
  };
  const S = { asked: 0, width: 0, blocks: new Map(), said: null };

  const measure = document.createElement("canvas").getContext("2d");
  function wrap(text, width, font) {
    measure.font = font;
    const lines = [];
    let line = "";
    for (const word of text.split(" ")) {
      const longer = line ? line + " " + word : word;
      if (line && measure.measureText(longer).width > width) { lines.push(line); line = word; } else line = longer;
    }
    return line ? [...lines, line] : lines;
  }
  const rows = () => [...document.querySelectorAll("#industry-table tbody tr")].map(row => ({
    key: row.dataset.block, inside: row.dataset.inside === "yes", title: row.querySelector("th").textContent,
    link: row.querySelector("a").getAttribute("href"), words: row.querySelector("a").textContent, now: row.querySelector(".now"),
  }));

  /* Where everything is, for a width: three columns, or one where there is no room for them. */
  function plan(width) {
    const columns = width >= WIDE_PX ? 3 : 1, pad = columns === 3 ? PAD : 12, flow = columns === 3 ? 42 : 30;
    const inner = width - 2 * pad;
    const blockWidth = (inner - 2 * pad - (columns - 1) * flow) / columns;
    const lines = blockWidth < NARROW ? LINES + 1 : LINES;
    const height = BLOCK + (lines - LINES) * 17;
    const step = { x: blockWidth + flow, y: height + flow };
    const place = (index, y) => columns === 3
      ? { x: 2 * pad + index * step.x, y, width: blockWidth, height } : { x: 2 * pad, y: y + index * step.y, width: blockWidth, height };
    const tall = columns === 3 ? height : 3 * height + 2 * flow;
    const iiot = { x: pad, y: TITLE + 6, width: inner, height: TITLE + tall + pad };
    const below = iiot.y + iiot.height + flow;
    return { columns, lines, iiot, flow, height: below + tall + pad, inside: i => place(i, iiot.y + TITLE), beside: i => place(i, below) };
  }
  function arrow(layer, from, to, label) {
    const across = from.y === to.y;
    const line = across
      ? [from.x + from.width + 4, from.y + from.height / 2, to.x - 9, to.y + to.height / 2]
      : [from.x + from.width / 2, from.y + from.height + 4, to.x + to.width / 2, to.y - 9];
    layer.append(office.svg("line", { x1: line[0], y1: line[1], x2: line[2], y2: line[3], class: "flow", "data-flow": label, "marker-end": "url(#industry-arrow)" }));
  }
  function text(parent, x, y, className, words) {
    const node = office.svg("text", { x, y, class: className });
    node.textContent = words || "";
    parent.append(node);
    return node;
  }
  function block(row, at, lines) {
    const link = office.svg("a", { href: row.link, class: "block", "data-block": row.key });
    link.append(office.svg("rect", { x: at.x, y: at.y, width: at.width, height: at.height, rx: 12 }));
    link.append(office.svg("circle", { cx: at.x + at.width - 22, cy: at.y + 23, r: 6, class: "lamp" }));
    text(link, at.x + 16, at.y + 28, "block-title", row.title);
    const number = text(link, at.x + 16, at.y + 66, "block-number"), unit = text(link, at.x + 16, at.y + 86, "block-unit");
    const more = Array.from({ length: lines }, (_, i) => text(link, at.x + 16, at.y + 108 + i * 17, "block-more"));
    /* In one column a long title takes the whole line: there the lamp's word stands below it. */
    const lamp = text(link, at.x + at.width - 34 + (at.width < LAMP_BELOW ? 18 : 0), at.y + (at.width < LAMP_BELOW ? 50 : 27), "block-lamp");
    text(link, at.x + 16, at.y + at.height - 16, "block-link", row.words + " →");
    S.blocks.set(row.key, { link, number, unit, more, lamp, width: at.width - 32, now: row.now, title: row.title });
    return link;
  }
  function build(width) {
    const all = rows(), inside = all.filter(row => row.inside), beside = all.filter(row => !row.inside);
    const p = plan(width);
    S.width = width;
    S.blocks.clear();
    const picture = office.svg("svg", { viewBox: `0 0 ${width} ${p.height}`, width, height: p.height, role: "group", "aria-labelledby": "industry-name" });
    const name = office.svg("title", { id: "industry-name" });
    name.textContent = "Industry 4.0, the Industrial IoT within it, and what of both is at work here";
    const defs = office.svg("defs"), marker = office.svg("marker", { id: "industry-arrow", viewBox: "0 0 8 8", refX: 4, refY: 4, markerWidth: 7, markerHeight: 7, markerUnits: "userSpaceOnUse", orient: "auto" });
    marker.append(office.svg("path", { d: "M0 0 8 4 0 8z", class: "flow-head" }));
    defs.append(marker);
    const flows = office.svg("g", { "aria-hidden": "true" }), { iiot } = p;
    picture.append(name, defs, office.svg("rect", { x: 1, y: 1, width: width - 2, height: p.height - 2, rx: 18, class: "whole" }));
    text(picture, iiot.x + 4, 29, "frame-title", "Industry 4.0");
    picture.append(office.svg("rect", { ...iiot, rx: 14, class: "iiot" }));
    text(picture, iiot.x + 16, iiot.y + 25, "frame-title small", p.columns === 3 ? "Industrial Internet of Things (IIoT)" : "Industrial IoT");
    picture.append(flows);
    inside.forEach((row, i) => picture.append(block(row, p.inside(i), p.lines)));
    beside.forEach((row, i) => picture.append(block(row, p.beside(i), p.lines)));
    for (let i = 0; i < 2; i++) { arrow(flows, p.inside(i), p.inside(i + 1), "inside"); arrow(flows, p.beside(i), p.beside(i + 1), "beside"); }
    if (p.columns === 3) for (let i = 0; i < 3; i++) arrow(flows, i === 2 ? { ...p.beside(i), height: 0 } : p.inside(i), i === 2 ? { ...p.inside(i), y: p.inside(i).y + p.inside(i).height + 13 } : p.beside(i), "between");
    else arrow(flows, p.inside(2), p.beside(0), "between");
    by("industry-picture").replaceChildren(picture);
    if (S.said) show(S.said);
  }
  function show(d) {
    S.said = d;
    const fresh = d.age_s !== null && d.age_s <= STALE_S;
    for (const [key, node] of S.blocks) {
      const said = SAY[key](d), needsOffice = !["history", "cloud"].includes(key);
      const lit = Boolean(said.lit) && (fresh || !needsOffice);
      const state = lit ? "at work" : needsOffice && !fresh ? "office silent" : "not yet";
      node.link.dataset.lit = lit ? "yes" : "no";
      office.say(node.number, said.number);
      office.say(node.unit, said.unit);
      office.say(node.lamp, state);
      const style = getComputedStyle(node.more[0]), font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`, lines = wrap(said.more, node.width, font);
      node.more.forEach((line, i) => office.say(line, lines[i] || ""));
      const sentence = `${said.number} ${said.unit}` + (said.more ? `: ${said.more}` : "");
      node.link.setAttribute("aria-label", `${node.title}, ${state}: ${sentence}`);
      office.say(node.now, `${state}: ${sentence}`);
    }
  }
  async function ask() {
    if (document.hidden || !by("industry")) return;
    S.asked = performance.now();
    try {
      const answer = await fetch("/api/industry", { cache: "no-store" });
      if (answer.ok && by("industry")) show(await answer.json());
    } catch (error) { /* the frame says that nobody answers */ }
  }
  function fit() {
    const room = by("industry-picture");
    if (!room) return;
    const width = Math.floor(room.clientWidth);
    if (width && (width !== S.width || !room.firstChild)) build(width);
  }
  addEventListener("page", () => {
    if (!by("industry")) return;
    S.said = null;
    fit();
    ask();
    /* By then this page is counted among those that follow. */
    setTimeout(ask, EVERY_MS);
  });
  /* What was pushed says that there is news: then the counts are asked for, and never more often than they are read. */
  addEventListener("live", () => { if (performance.now() - S.asked >= EVERY_MS) ask(); });
  addEventListener("age", event => { if (event.detail.stale && S.said && by("industry")) show({ ...S.said, age_s: null }); });
  addEventListener("resize", fit);
  document.addEventListener("visibilitychange", ask);
})();
