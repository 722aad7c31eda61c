/* The floor page: tiles, totals, timeline, refused messages. Everything inside its containers is drawn
   here and nowhere else; values from the wire are only ever written as text. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const EARLY_MS = 15 * 60 * 1000;
  const tiles = new Map(), lines = new Map(), rows = new Map();
  let root = null;

  const make = (name, className, text) => office.element(name, className, text);
  function field(parent, name, tag, className) {
    const node = make(tag || "span", className);
    node.dataset.field = name;
    parent.append(node);
    return node;
  }
  function metric(parent, name, label, opens) {
    const box = make("div", "metric"), head = make("div", "metric-head");
    head.append(make("span", "label", label));
    const value = field(head, name, opens ? "button" : "span", "number");
    if (opens) { value.type = "button"; value.dataset.explain = name; }
    const bar = make("div", "bar"), fill = make("i");
    bar.append(fill);
    box.append(head, bar);
    parent.append(box);
    return { box, value, bar, fill };
  }
  function setMetric(m, n, name, hint) {
    const share = n[name], told = share !== null || !n.observed_ms;
    const low = n[name + "_low"], high = n[name + "_high"];
    office.say(m.value, name === "coverage" ? office.percent(share) : office.shareOrBounds(share, low, high, n.observed_ms));
    office.hint(m.box, hint);
    const left = told ? 0 : low || 0, width = told ? share || 0 : (high || 0) - left;
    m.bar.classList.toggle("bounds", !told);
    m.fill.style.left = left * 100 + "%";
    m.fill.style.width = Math.max(0, width) * 100 + "%";
  }

  /* --- tiles ------------------------------------------------------------------------------------ */
  function makeTile(name) {
    const node = make("a", "tile");
    node.dataset.machine = name;
    node.href = "/machine/" + encodeURIComponent(name);
    const head = make("div", "tile-head");
    head.append(make("span", "tile-name", name));
    const called = field(head, "called", "span", "badge called");
    const badge = field(head, "badge", "span", "badge");
    const status = make("div", "tile-state"), icon = make("span", "icon");
    status.append(icon);
    const t = { node, badge, called, icon };
    t.state = field(status, "state", "span", "word");
    t.since = field(status, "since", "span", "since");
    node.append(head, status);
    t.cause = field(node, "cause", "div", "cause");
    const metrics = make("div", "metrics");
    t.utilization = metric(metrics, "utilization", "Utilization");
    t.uptime = metric(metrics, "uptime", "Uptime");
    node.append(metrics);
    t.last = field(node, "last-shift", "div", "last");
    const foot = make("div", "tile-foot"), left = make("div", "foot-left");
    const parts = make("span", "parts");
    t.parts = field(parts, "parts", "span", "number");
    parts.append(" parts");
    left.append(parts);
    t.coverage = field(left, "coverage", "span", "coverage");
    const power = make("div", "power");
    t.spark = office.svg("svg", { class: "spark", viewBox: "0 0 100 24", preserveAspectRatio: "none", "aria-hidden": "true" });
    t.area = office.svg("path", { class: "area" });
    t.curve = office.svg("path", { class: "curve", "vector-effect": "non-scaling-stroke" });
    t.spark.append(t.area, t.curve);
    power.append(t.spark);
    t.power = field(power, "power", "span", "number");
    foot.append(left, power);
    node.append(foot);
    return t;
  }
  function badgeOf(values) {
    if (values.learning) return "learning";
    if (values.simulated) return "";
    return values.kind && values.how === "reported" ? "recorded" : "real";
  }
  function setState(node, icon, word, values) {
    if (node.dataset.state !== values.state) {
      node.dataset.state = values.state;
      icon.replaceChildren(office.sign(values.state));
    }
    office.say(word, values.state);
    office.hint(word, office.MEANING[values.state] || "");
  }
  function setTile(t, machine, board, early) {
    const values = machine.values, shift = office.numbers(values.shift), last = office.numbers(values.last);
    setState(t.node, t.icon, t.state, values);
    office.say(t.since, "for " + office.duration(Math.max(0, board.now_ms - values.since_ms)));
    office.hint(t.since, "since " + office.clock(values.since_ms));
    const offline = values.online === false ? "link lost" : "";
    office.say(t.cause, values.learning || values.cause || offline);
    t.cause.hidden = !t.cause.textContent;
    const calls = office.callsFor(values.name);
    office.say(t.called, calls.length ? (calls.every(call => call.acknowledged_ms !== null) ? "call heard" : "called") : "");
    office.hint(t.called, calls.map(call => office.callWords(call)).join("; "));
    t.called.hidden = !calls.length;
    t.called.classList.toggle("unheard", calls.some(call => call.acknowledged_ms === null));
    const badge = badgeOf(values);
    office.say(t.badge, badge);
    t.badge.hidden = !badge;
    setMetric(t.utilization, shift, "utilization", office.utilizationHint(shift));
    setMetric(t.uptime, shift, "uptime", office.uptimeHint(shift));
    office.say(t.parts, office.count(shift.parts));
    const full = shift.coverage === null || shift.coverage >= 0.995;
    office.say(t.coverage, full ? "" : office.percent(shift.coverage) + " covered");
    office.hint(t.coverage, office.coverageHint(shift));
    t.coverage.hidden = full;
    const said = early && last ? `last shift: utilization ${office.shareOrBounds(last.utilization, last.utilization_low, last.utilization_high, last.observed_ms)}, ` +
      `uptime ${office.shareOrBounds(last.uptime, last.uptime_low, last.uptime_high, last.observed_ms)}` : "";
    office.say(t.last, said);
    t.last.hidden = !said;
    setSpark(t, machine.power, values.power_unit);
    office.hint(t.power, values.power_signal ? values.power_signal + ", the last hour by the minute" : "");
  }
  function setSpark(t, power, unit) {
    const newest = power.length ? power[power.length - 1] : null;
    office.say(t.power, newest ? office.value(newest[1]) + " " + unit : "");
    t.spark.toggleAttribute("hidden", power.length < 2);
    if (power.length < 2) return;
    const to = newest[0], from = to - 59 * office.MINUTE;
    const top = Math.max(...power.map(p => p[1]), 1e-9) * 1.05;
    let path = "", area = "", before = null, start = 0;
    for (const [minute, mean] of power) {
      if (minute < from) continue;
      const x = (((minute - from) / (to - from)) * 100).toFixed(1), y = (23 - (Math.max(0, mean) / top) * 22).toFixed(1);
      const joined = before !== null && minute - before <= 2 * office.MINUTE;
      if (!joined) {
        if (before !== null) area += `L${start.last} 24Z`;
        area += `M${x} 24L${x} ${y}`;
      } else area += `L${x} ${y}`;
      path += (joined ? "L" : "M") + x + " " + y;
      start = { last: x };
      before = minute;
    }
    area += `L${start.last} 24Z`;
    t.curve.setAttribute("d", path);
    t.area.setAttribute("d", area);
  }

  /* --- lines and the plant ----------------------------------------------------------------------- */
  const STATES = ["running", "setup", "idle", "stopped", "down", "unknown"];
  function makeTotals(parent) {
    const t = { utilization: metric(parent, "utilization", "Utilization", true), uptime: metric(parent, "uptime", "Uptime", true),
      coverage: metric(parent, "coverage", "Coverage", true) };
    return t;
  }
  function setTotals(t, n, line) {
    for (const { value } of Object.values(t)) {
      Object.assign(value.dataset, { from: n.from_ms, to: n.to_ms });
      if (line !== undefined) value.dataset.place = line;
    }
    setMetric(t.utilization, n, "utilization", office.utilizationHint(n) + ", summed over machines");
    setMetric(t.uptime, n, "uptime", office.uptimeHint(n) + ", summed over machines");
    setMetric(t.coverage, n, "coverage", office.coverageHint(n) + ", summed over machines");
  }
  function makeLine(path) {
    const node = make("section", "line");
    node.dataset.line = path;
    const head = make("header", "line-head"), title = make("div", "line-title");
    title.append(make("h2", "", path || "outside every line"));
    const machines = field(title, "machines", "span", "label");
    head.append(title);
    const totals = make("div", "line-totals");
    const l = { node, machines, grid: make("div", "tiles"), totals: makeTotals(totals) };
    const parts = make("div", "metric plain"), partsHead = make("div", "metric-head");
    partsHead.append(make("span", "label", "Parts"));
    l.parts = field(partsHead, "parts", "span", "number");
    l.partsBox = parts;
    parts.append(partsHead);
    totals.append(parts);
    head.append(totals);
    node.append(head, l.grid);
    return l;
  }
  let plantTotals = null;
  function makePlant(parent) {
    const t = { shares: make("div", "plant-shares"), counts: make("ul", "counts"), chips: new Map() };
    t.totals = makeTotals(t.shares);
    for (const state of STATES) {
      const chip = make("li", "count");
      chip.dataset.state = state;
      chip.append(office.sign(state));
      const number = make("span", "number");
      chip.append(number, make("span", "word", state));
      chip.title = office.MEANING[state];
      t.counts.append(chip);
      t.chips.set(state, { chip, number });
    }
    parent.replaceChildren(t.shares, t.counts);
    return t;
  }
  function setPlant(board, machines) {
    setTotals(plantTotals.totals, office.numbers(board.plant));
    const counts = new Map();
    for (const machine of machines) counts.set(machine.values.state, (counts.get(machine.values.state) || 0) + 1);
    for (const [state, { chip, number }] of plantTotals.chips) {
      office.say(number, String(counts.get(state) || 0));
      chip.classList.toggle("none", !counts.get(state));
    }
  }
  const sorted = machines => [...machines].sort((a, b) =>
    (a.values.path === "") - (b.values.path === "") || a.values.path.localeCompare(b.values.path) ||
    a.values.name.localeCompare(b.values.name, undefined, { numeric: true }));
  /* Moves a node only when it is not where it belongs, so that focus and selection stay. */
  function place(parent, nodes) {
    nodes.forEach((node, i) => { if (parent.children[i] !== node) parent.insertBefore(node, parent.children[i] || null); });
    while (parent.children.length > nodes.length) parent.lastChild.remove();
  }

  /* --- timeline ----------------------------------------------------------------------------------- */
  let table = null, view = { from: 0, to: 1, now: 0 };
  function makeTable(parent) {
    const node = make("table"), head = make("thead"), row = make("tr"), body = make("tbody");
    const first = make("th"), scale = make("th", "scale"), axis = make("canvas", "axis");
    first.append(make("span", "unseen", "machine"));
    axis.setAttribute("aria-hidden", "true");
    scale.append(make("span", "unseen", "states in time"), axis);
    row.append(first, scale);
    for (const state of STATES) {
      const cell = make("th", "sum");
      cell.dataset.state = state;
      cell.append(office.sign(state), make("span", "unseen", state + ", hours:minutes"));
      cell.title = state + ", hours:minutes of the shift";
      row.append(cell);
    }
    head.append(row);
    node.append(head, body);
    parent.replaceChildren(node);
    return { node, body, axis };
  }
  function makeRow(name) {
    const node = make("tr"), head = make("th"), link = make("a", "", name), cell = make("td", "scale");
    head.scope = "row";
    link.href = "/machine/" + encodeURIComponent(name);
    head.append(link);
    const canvas = make("canvas", "strip");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    cell.append(canvas);
    node.append(head, cell);
    const r = { node, canvas, sums: new Map(), strip: [] };
    for (const state of STATES) {
      const sum = make("td", "sum");
      sum.dataset.state = state;
      node.append(sum);
      r.sums.set(state, sum);
    }
    office.strip.explain(canvas, () => ({ strip: r.strip, from: view.from, to: view.to }));
    return r;
  }
  function setRow(r, machine) {
    const n = office.numbers(machine.values.shift);
    r.strip = machine.strip;
    const said = [];
    for (const [state, cell] of r.sums) {
      const ms = n[state + "_ms"];
      office.say(cell, ms >= 1000 ? office.hours(ms) : office.NONE);
      cell.classList.toggle("none", ms < 1000);
      office.hint(cell, `${state} ${office.exactly(ms)}`);
      if (ms >= 1000) said.push(`${state} ${office.duration(ms)}`);
    }
    const label = `${machine.values.name}, ${office.plant.board.shift_name ? "this" : "the last"} shift: ${said.join(", ") || "nothing yet"}. Arrow keys read the intervals.`;
    if (r.canvas.getAttribute("aria-label") !== label) r.canvas.setAttribute("aria-label", label);
    office.strip.draw(r.canvas, machine.strip, view.from, view.to, view.now);
  }
  function setView(board, early) {
    const from = early && board.last_shift_from_ms !== null ? Math.max(board.last_shift_from_ms, board.run ? board.epoch_ms : 0) : board.shift_from_ms;
    const begun = board.run ? Math.max(from, Math.min(board.epoch_ms, board.now_ms)) : from;
    const span = Math.max(board.now_ms - begun, 10 * office.MINUTE);
    view = { from: begun, to: begun + span * 1.012, now: board.now_ms };
  }

  /* --- refused ------------------------------------------------------------------------------------ */
  let refusedSaid = "";
  function setRefused(box) {
    const refusals = office.plant.refusals, board = office.plant.board;
    const total = Math.max(refusals ? refusals.total : 0, board ? board.refused : 0);
    const repeats = board ? board.repeats : 0, gaps = board ? board.gaps : 0;
    const key = [total, repeats, gaps, JSON.stringify(refusals ? refusals.newest : [])].join();
    if (key === refusedSaid && box.childElementCount) return;
    refusedSaid = key;
    const count = make("p", "refused-count");
    count.append(make("span", "number", office.count(total)), " refused since the office began");
    const other = make("p", "refused-other");
    other.append(`repeated messages, which changed nothing: ${office.count(repeats)}; missing by their sequence numbers: ${office.count(gaps)}`);
    const list = make("ul", "refusals");
    for (const refusal of (refusals ? refusals.newest : []).slice(0, 8)) {
      const item = make("li");
      item.append(make("code", "", refusal.topic), make("span", "reason", refusal.reason));
      item.title = refusal.head;
      list.append(item);
    }
    box.replaceChildren(count, other, list);
  }

  /* --- all of it ----------------------------------------------------------------------------------- */
  function mount(page) {
    root = page;
    for (const known of [tiles, lines, rows]) known.clear();
    plantTotals = makePlant(by("plant-totals"));
    table = makeTable(by("floor-timeline"));
    by("floor-lines").replaceChildren();
    refusedSaid = "";
  }
  function keep(known, names, maker) {
    for (const name of [...known.keys()]) if (!names.has(name)) known.delete(name);
    for (const name of names) if (!known.has(name)) known.set(name, maker(name));
  }
  let asked = false;
  function draw() {
    asked = false;
    const page = by("floor"), board = office.plant.board;
    if (!page) { root = null; return; }
    if (page !== root) mount(page);
    if (!board) { setRefused(by("refused")); return; }
    const machines = sorted(office.plant.machines.values()).filter(m => m.values.shift);
    const early = board.now_ms - board.shift_from_ms < EARLY_MS && board.last_shift_from_ms !== null;
    const byLine = new Map();
    for (const machine of machines) {
      const path = machine.values.path;
      if (!byLine.has(path)) byLine.set(path, []);
      byLine.get(path).push(machine);
    }
    setPlant(board, machines);
    keep(lines, new Set(byLine.keys()), makeLine);
    keep(tiles, new Set(machines.map(m => m.values.name)), makeTile);
    keep(rows, new Set(machines.map(m => m.values.name)), makeRow);
    for (const [path, members] of byLine) {
      const line = lines.get(path), n = office.numbers(board.lines[path]);
      line.node.style.setProperty("--count", members.length);
      line.node.classList.toggle("narrow", members.length < 3);
      office.say(line.machines, members.length === 1 ? "1 machine" : members.length + " machines");
      if (n) {
        setTotals(line.totals, n, path);
        office.say(line.parts, office.count(n.parts));
        line.partsBox.hidden = n.parts === null;
      }
      for (const machine of members) setTile(tiles.get(machine.values.name), machine, board, early);
      place(line.grid, members.map(m => tiles.get(m.values.name).node));
    }
    place(by("floor-lines"), [...byLine.keys()].map(path => lines.get(path).node));
    setView(board, early);
    office.say(by("timeline-title"), early ? "Timeline of the last shift and this one" : board.shift_name ? "Timeline of the shift" : "Timeline since the last shift began");
    place(table.body, machines.map(m => rows.get(m.values.name).node));
    for (const machine of machines) setRow(rows.get(machine.values.name), machine);
    office.strip.axis(table.axis, view.from, view.to, view.now);
    setRefused(by("refused"));
  }
  /* Drawing only the newest keeps a slow screen current. */
  function ask() { if (!asked) { asked = true; requestAnimationFrame(draw); } }
  for (const reason of ["live", "theme", "resize"]) addEventListener(reason, ask);
})();
