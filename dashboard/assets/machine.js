/* The live parts of a machine's page: state, strip, numbers, and the newest minutes of its trends.
   The server answers which window the reader asked for; from then on the running shift is pushed. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const STATES = ["running", "idle", "stopped", "down", "setup", "unknown"];
  const REASK_MS = 10000, LEARNING_MS = 3000;
  let root = null, asked = false, reasked = 0, learns = null;
  let chosen = null;   /* the window the server answered with: {window, from_ms, to_ms, numbers, strip} */
  let view = { strip: [], from: 0, to: 1, now: 0 };
  const pending = new Map();

  /* What the timeline shows just now, for who opens a piece of it. */
  office.machineView = () => view;
  office.machinePlot = () => plot();
  const machine = () => office.plant.machines.get(office.machineShown());
  const liveWindow = () => !chosen || chosen.window === "shift";

  function mount(page) {
    root = page;
    numbersSaid = "";
    learns = null;
    const canvas = by("machine-strip");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    office.strip.explain(canvas, () => view);
    page.dataset.state = "";
  }
  function setHead(values, board) {
    if (root.dataset.state !== values.state) {
      root.dataset.state = values.state;
      by("machine-sign").replaceChildren(office.sign(values.state));
    }
    office.say(by("machine-state"), values.state);
    office.hint(by("machine-state"), office.MEANING[values.state] || "");
    office.say(by("machine-since"), `for ${office.duration(Math.max(0, board.now_ms - values.since_ms))}, since ${office.clock(values.since_ms)}`);
    office.say(by("machine-cause"), values.learning || values.cause || (values.online === false ? "link lost" : ""));
    const how = { reported: "its control reports its state", sensed: "its state is sensed from its readings", learned: "its state is learned from its own power" };
    const facts = [values.path || "outside every line", values.kind || "kind never said",
      values.simulated ? "simulated" : "real or recorded", how[values.how] || values.how, `evidence until ${office.clock(Math.min(values.known_until_ms, board.now_ms))}`];
    office.say(by("machine-facts"), facts.join(" · "));
  }

  /* --- numbers, each with what it is made of ---------------------------------------------------------- */
  const bounds = (low, high) => low === null || high === null ? "" : `${office.percent(low)} to ${office.percent(high)} if the unknown time were known`;
  const shown = {
    utilization: n => office.shareOrBounds(n.utilization, n.utilization_low, n.utilization_high, n.observed_ms),
    uptime: n => office.shareOrBounds(n.uptime, n.uptime_low, n.uptime_high, n.observed_ms),
    mtbf_s: n => n.mtbf_ms === null ? office.NONE : office.duration(n.mtbf_ms),
    mttr_s: n => n.mttr_ms === null ? office.NONE : office.duration(n.mttr_ms),
    cycle_s: n => n.cycle_ms === null ? office.NONE : office.value(n.cycle_ms / 1000) + " s",
    target_parts: n => n.target_parts === null ? office.NONE : office.count(Math.floor(n.target_parts)),
  };
  for (const key of ["coverage", "oee", "performance", "quality", "nee", "teep"]) shown[key] = n => office.percent(n[key]);
  for (const key of ["stops", "micro_stops", "failures", "parts", "good"]) shown[key] = n => office.count(n[key]);
  const d = ms => office.seconds(ms);
  /* Unit and denominator of each, in a few words. */
  const made = {
    utilization: n => `running ${d(n.running_ms)} / observed ${d(n.observed_ms)}` + (n.unknown_ms && n.observed_ms ? "; " + bounds(n.utilization_low, n.utilization_high) : ""),
    uptime: n => `(running ${d(n.running_ms)} + idle ${d(n.idle_ms)}) / observed ${d(n.observed_ms)}` + (n.stopped_ms ?
      `; stopped ${d(n.stopped_ms)}: power alone does not tell whether up or down, so only bounds` :
      n.unknown_ms && n.observed_ms ? "; " + bounds(n.uptime_low, n.uptime_high) : ""),
    coverage: n => `observed ${d(n.observed_ms)} / planned ${d(n.planned_ms)}`,
    oee: () => "utilization × performance × quality",
    performance: n => n.performance === null ? "" : (n.performance > 1 ? "above 100 %: its ideal cycle is too long, or parts were begun before the window; " : "") + `ideal cycle × parts / running`,
    quality: n => n.quality === null ? "" : `good ${office.count(n.good)} / parts ${office.count(n.parts)}`,
    nee: () => "OEE with setup not counted as lost",
    teep: n => `OEE over calendar time ${d(n.calendar_ms)}`,
    stops: () => "begun in planned, known time",
    micro_stops: n => `of them shorter than ${office.duration(n.micro_stop_ms)}`,
    failures: () => "stretches of down time",
    mtbf_s: () => "running and setup for each failure",
    mttr_s: () => "down for each failure",
    parts: n => n.parts === null ? "nothing counts them" : "rejects included" + (n.parts_off_shift ? `; ${office.count(n.parts_off_shift)} more outside planned time` : ""),
    good: n => n.rejects === null ? "" : `${office.count(n.rejects)} rejected`,
    target_parts: n => n.ideal_cycle_ms === null ? "" : "planned time at the ideal pace",
    cycle_s: n => n.ideal_cycle_ms === null ? "running for each part" : `running for each part; ideal ${office.value(n.ideal_cycle_ms / 1000)} s`,
  };
  /* Why a number is a dash. */
  function missing(key, n) {
    if (!n.planned_ms) return "no production was planned in this window";
    if (!n.observed_ms && !["parts", "good", "target_parts"].includes(key)) return "nothing was observed in this window";
    if (["mtbf_s", "mttr_s"].includes(key)) return "undefined without a failure";
    if (n.parts === null && key !== "uptime") return "nothing counts its parts";
    if (["target_parts", "performance", "oee", "nee", "teep", "quality"].includes(key) && n.ideal_cycle_ms === null) return "its ideal cycle is not known";
    if (["good", "quality", "oee", "nee", "teep"].includes(key) && n.rejects === null) return "nothing counts its rejects";
    if (["cycle_s", "quality", "performance", "oee", "nee", "teep"].includes(key)) return n.running_ms ? "no part was made in known time" : "it did not run";
    return "it cannot be told";
  }
  let numbersSaid = "";
  function setNumbers(n) {
    const key = JSON.stringify(n);
    if (key === numbersSaid) return;
    numbersSaid = key;
    const exactly = office.exactly;
    for (const fact of by("machine-numbers").querySelectorAll("[data-kpi]")) {
      const name = fact.dataset.kpi, node = fact.querySelector(".number"), said = shown[name](n);
      office.say(node, said);
      office.say(fact.querySelector(".made"), said === office.NONE ? missing(name, n) : made[name](n));
      office.hint(node, said === office.NONE ? missing(name, n) : "");
      fact.classList.toggle("flagged", name === "performance" && n.performance !== null && n.performance > 1);
      if (node.dataset.explain) { node.dataset.from = n.from_ms; node.dataset.to = n.to_ms; node.dataset.machine = office.machineShown(); }
    }
    drawTime(n);
  }
  /* Time in state is the first thing read: a bar, and each state in words with its time and its share. */
  function drawTime(n) {
    const bar = make("div", "stack"), list = make("ul", "time-in-state");
    let sum = 0;
    for (const state of STATES) {
      const ms = n[state + "_ms"];
      sum += ms;
      const item = make("li", ms ? "" : "none"), share = office.percent(n.planned_ms ? ms / n.planned_ms : null);
      item.dataset.state = state;
      item.title = office.MEANING[state];
      const word = make("span", "word");
      word.append(office.sign(state), " " + state);
      item.append(word, make("span", "number", share), make("span", "label", office.exactly(ms)));
      list.append(item);
      if (ms > 0) {
        const part = make("i");
        part.dataset.state = state;
        part.style.flexGrow = String(ms);
        bar.append(part);
      }
    }
    bar.setAttribute("role", "img");
    bar.setAttribute("aria-label", STATES.filter(state => n[state + "_ms"]).map(state => `${state} ${office.percent(n[state + "_ms"] / n.planned_ms)}`).join(", ") || "nothing was planned");
    by("machine-buckets").replaceChildren(bar, list, make("p", "label", `of ${office.exactly(n.planned_ms)} planned; unaccounted for: ${office.exactly(n.planned_ms - sum)}`));
  }

  /* --- the strip follows the zoom of the trends --------------------------------------------------------- */
  const plot = () => { const box = by("trends"); return box ? box.querySelector(".js-plotly-plot") : null; };
  const toMs = value => typeof value === "number" ? value : Date.parse(String(value).replace(" ", "T") + (String(value).length > 10 ? "Z" : ""));
  function shownRange(from, to) {
    const drawn = plot();
    const layout = drawn && drawn._fullLayout, meta = layout && layout.meta;
    if (!meta || !layout.xaxis || !meta.signals || !meta.signals.length) return [from, to];
    const range = layout.xaxis.range.map(toMs);
    return range.every(Number.isFinite) ? range.map(ms => ms - meta.offset_ms) : [from, to];
  }
  function drawStrip() {
    const m = machine(), board = office.plant.board;
    if (!m || !board || !root) return;
    const live = liveWindow() || chosen.window === "last";
    let from = chosen ? chosen.from_ms : board.shift_from_ms, to = liveWindow() ? board.now_ms : chosen.to_ms;
    if (board.run && liveWindow()) from = Math.max(from, Math.min(board.epoch_ms, to - 1));
    const strip = live ? m.strip : Object.assign((chosen.strip || []).slice(), { end: chosen.to_ms });
    [from, to] = shownRange(from, to);
    view = { strip, from, to, now: board.now_ms };
    office.strip.draw(by("machine-strip"), strip, from, to, board.now_ms);
    office.strip.axis(by("machine-axis"), from, to, board.now_ms);
    const label = `${m.values.name}: ${m.values.state} since ${office.clock(m.values.since_ms)}. Arrow keys read the intervals, Enter opens one.`;
    if (by("machine-strip").getAttribute("aria-label") !== label) by("machine-strip").setAttribute("aria-label", label);
  }
  function watchPlot() {
    const drawn = plot();
    if (drawn && !drawn.officeWatched && drawn.on) {
      drawn.officeWatched = true;
      drawn.on("plotly_relayout", ask);
      drawn.on("plotly_afterplot", ask);
    }
  }

  /* --- the newest minutes of the trends ------------------------------------------------------------------- */
  function keepSignals(signals) {
    for (const [name, minutes] of Object.entries(signals)) {
      if (!pending.has(name)) pending.set(name, new Map());
      for (const [minute, mean, low, high] of minutes) pending.get(name).set(minute, [mean, low, high]);
    }
  }
  function extend() {
    const drawn = plot(), board = office.plant.board;
    if (!drawn || !drawn._fullLayout || !liveWindow() || !pending.size || !board) return;
    const meta = drawn.layout.meta || {}, names = meta.signals || [], spacing = meta.spacing_ms || [];
    if ([...pending.keys()].some(name => !names.includes(name))) { reask(); return; }
    const x = [], y = [], traces = [];
    let hole = false;
    for (const [name, minutes] of pending) {
      const place = names.indexOf(name), first = place * 3, known = drawn.data[first + 2].x;
      const last = known.length ? toMs(known[known.length - 1]) - meta.offset_ms : 0;
      /* A minute that still goes on would be drawn with half its readings: it waits for the next. */
      const ready = [...minutes].filter(([minute]) => minute > last && minute + office.MINUTE <= board.now_ms).sort((a, b) => a[0] - b[0]);
      for (const [minute] of ready) minutes.delete(minute);
      for (const minute of minutes.keys()) if (minute <= last) minutes.delete(minute);
      if (!ready.length) continue;
      if (last && ready[0][0] - last > Math.max(spacing[place] || 0, 1.5 * office.MINUTE)) hole = true;
      const at = ready.map(([minute]) => minute + meta.offset_ms);
      for (const [k, column] of [[0, 1], [1, 2], [2, 0]]) {
        x.push(at);
        y.push(ready.map(([, values]) => values[column]));
        traces.push(first + k);
      }
    }
    if (hole) { reask(); return; }
    if (!traces.length) return;
    const range = drawn._fullLayout.xaxis.range.map(toMs), end = range[1];
    const follows = Math.abs(end - (drawn.officeEnd || meta.to_ms + meta.offset_ms)) < 1000;
    Plotly.extendTraces(drawn, { x, y }, traces).then(() => {
      if (!follows) return;
      drawn.officeEnd = board.now_ms + meta.offset_ms;
      return Plotly.relayout(drawn, { "xaxis.range[1]": drawn.officeEnd });
    }).then(ask);
  }
  function reask(after = REASK_MS) {
    if (Date.now() - reasked < after) return false;
    reasked = Date.now();
    pending.clear();
    dash_clientside.set_props("machine-ask", { data: reasked });
    return true;
  }

  /* What every panel below is about: the window of the numbers, and whether it goes on. */
  function tellWindow(name, n, board) {
    if (office.known !== name) return;
    const window = chosen ? chosen.window : "shift", live = window === "shift" && Boolean(board.shift_name);
    const from = Math.max(n.from_ms, board.run ? Math.min(board.epoch_ms, n.to_ms - 1) : 0);
    const until = live ? "now" : office.time(n.to_ms);
    const words = `${window === "shift" && !live ? WINDOWS.last : WINDOWS[window]} (${office.date(from)}, ${office.time(from)}–${until})`;
    const query = { machine: name, from: new Date(from).toISOString() };
    if (!live) query.to = new Date(n.to_ms).toISOString();
    if (board.run) query.run = board.run;
    office.calls(name, from, live ? null : n.to_ms);
    office.rows(name, from, n.to_ms, liveWindow());
    office.machineWindow = { machine: name, window, from, to: n.to_ms, ends: live ? board.shift_to_ms : n.to_ms, live, words, query, now: board.now_ms, numbers: n };
    dispatchEvent(new CustomEvent("machine-window", { detail: office.machineWindow }));
  }
  const WINDOWS = { shift: "this shift", last: "last shift", "8h": "last 8 h" };
  /* What the history does not know yet is not asked for. */
  function know(machine) {
    if (office.known === machine) return;
    office.known = machine;
  }
  function draw() {
    asked = false;
    const page = by("machine"), board = office.plant.board;
    if (!page) { root = null; return; }
    if (page !== root) mount(page);
    if (!board) return;
    const m = machine();
    by("machine-missing").hidden = Boolean(m);
    by("machine-body").hidden = !m;
    if (!m || !m.values.shift) return;
    setHead(m.values, board);
    const n = liveWindow() ? office.numbers(m.values.shift) : chosen.numbers ? office.numbers(chosen.numbers) : null;
    by("machine-numbers-none").hidden = Boolean(n);
    by("machine-numbers").hidden = !n;
    if (!n) {
      numbersSaid = "";
      office.say(by("machine-numbers-none"), "The history has no numbers for this window.");
      by("machine-buckets").replaceChildren();
      office.say(by("machine-window-words"), "");
    } else {
      setNumbers(n);
      tellWindow(m.values.name, n, board);
      office.say(by("machine-window-words"), `${office.date(n.from_ms)}, ${office.time(n.from_ms)}–${liveWindow() && board.shift_name ? "now" : office.time(n.to_ms)}`);
    }
    if (chosen && chosen.care) {
      office.care(m.values.name, chosen.care, m.values.learning);
      /* What was learned is asked for when learning begins or ends. */
      const stage = m.values.learning.split(" ")[0];
      if (learns === null || learns === stage || reask()) learns = stage;
      if (chosen.care.versions.some(one => one.from_ms === null)) reask(LEARNING_MS);
    }
    watchPlot();
    drawStrip();
  }
  function ask() { if (!asked) { asked = true; requestAnimationFrame(draw); } }
  addEventListener("live", event => {
    if (event.detail.whole && root) reask();
    keepSignals(event.detail.signals);
    extend();
    ask();
  });
  for (const reason of ["theme", "resize", "page"]) addEventListener(reason, ask);
  addEventListener("learning", () => { reasked = 0; reask(); });
  addEventListener("address", () => {
    if (by("machine") && (chosen ? chosen.window : "shift") !== office.chosen("window")) dash_clientside.set_props("window", { data: office.chosen("window") });
  });
  /* Called by Dash when the server has answered with another window. */
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    machine: {
      show(data) {
        if (data) { chosen = data; know(data.care ? office.machineShown() : null); const drawn = plot(); if (drawn) delete drawn.officeEnd; setTimeout(ask, 50); ask(); }
        return window.dash_clientside.no_update;
      },
    },
  });
})();
