/* The live channel: one EventSource with sequence numbers, a state to meet at, resync after a gap,
   polling when no stream is to be had, and a watchdog over the age of what is shown.
   It keeps `office.plant`, the browser's picture, and says "live" whenever that changed. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const STALE_MS = 5000;
  const POLL_AFTER_MS = 2500;
  const S = { boot: null, seq: 0, stream: null, heard: 0, answered: 0, asking: false, resyncs: 0, polled: 0 };
  const plant = (office.plant = { board: null, refusals: null, heard: null, calls: null, assumed: null, faults: null, broker: "", away: null, wrong: [], fields: [], scales: [], states: [], machines: new Map() });
  let told = { plant: {}, lines: {} };

  office.machineShown = () => {
    const found = /^\/machine\/([^/]+)\/?$/.exec(location.pathname);
    return found ? decodeURIComponent(found[1]) : null;
  };
  const query = () => {
    const machine = office.machineShown();
    return machine === null ? "" : "&machine=" + encodeURIComponent(machine);
  };

  function replaceStrip(strip, [from, pieces, end]) {
    let cut = strip.length;
    while (cut > 0 && strip[cut - 1][0] >= from) cut--;
    const before = strip.splice(cut);
    for (const piece of pieces) if (!strip.length || strip[strip.length - 1][1] !== piece[1]) strip.push(piece);
    strip.end = end;
    if (JSON.stringify(before) !== JSON.stringify(strip.slice(cut))) strip.changes++;
  }
  /* Numbers travel as whole numbers: `rows` are told whole, `plus` is what is added to the row told before. */
  function mergeRows(told, { rows, plus }, say) {
    for (const [name, row] of Object.entries(rows || {})) {
      if (row) told[name] = row; else delete told[name];
      say(name, row && scaled(row));
    }
    for (const [name, added] of Object.entries(plus || {})) {
      const row = told[name];
      added.forEach((value, i) => { row[i] = Array.isArray(value) ? value[0] : value ? row[i] + value : row[i]; });
      say(name, scaled(row));
    }
  }
  const scaled = row => row.map((value, i) => (value === null ? null : value / plant.scales[i]));
  function mergeBoard(d) {
    /* Between two runs there is no board yet, whatever numbers there are. */
    if (!d.board && !(plant.board && d.numbers)) return;
    plant.board = { lines: {}, ...plant.board, ...d.board };
    mergeRows(told.plant, (d.numbers || {}).plant || {}, (name, row) => { plant.board.plant = row; });
    mergeRows(told.lines, (d.numbers || {}).lines || {}, (path, row) => { if (row) plant.board.lines[path] = row; else delete plant.board.lines[path]; });
  }
  function mergeMachine(name, change) {
    let machine = plant.machines.get(name);
    if (!machine) plant.machines.set(name, (machine = { strip: Object.assign([], { end: 0, changes: 0 }), power: [], values: {}, told: {} }));
    if (change.set) Object.assign(machine.values, change.set);
    mergeRows(machine.told, change, (key, row) => { machine.values[key] = row; });
    if (change.strip) replaceStrip(machine.strip, change.strip);
    if (change.power || change.strip) {
      const minutes = new Map(machine.power);
      for (const [minute, value] of change.power || []) minutes.set(minute, value);
      machine.power = [...minutes].filter(([minute]) => minute <= machine.strip.end).sort((a, b) => a[0] - b[0]).slice(-60);
    }
  }
  const ROW_KEYS = ["shift", "last"];
  /* A row is never written into once it is told, and several drawings of an update ask for the same. */
  const named = new WeakMap();
  office.numbers = row => {
    if (!row) return row;
    if (!named.has(row)) named.set(row, Object.fromEntries(plant.fields.map((name, i) => [name, row[i]])));
    return named.get(row);
  };
  office.numbersOf = (machine, key) => (ROW_KEYS.includes(key) ? office.numbers(machine.values[key]) : null);

  function merge(d, whole) {
    if (whole) { plant.machines.clear(); told = { plant: {}, lines: {} }; plant.board = null; plant.calls = null; plant.assumed = null; plant.faults = null; }
    for (const key of ["refusals", "heard", "calls", "assumed", "faults", "broker", "away", "wrong", "fields", "scales", "states"]) if (key in d) plant[key] = d[key];
    mergeBoard(d);
    for (const name of d.gone || []) plant.machines.delete(name);
    for (const [name, change] of Object.entries(d.machines || {})) mergeMachine(name, change);
    const first = plant.board && plant.board.last_shift_from_ms !== null ? plant.board.last_shift_from_ms : 0;
    for (const { strip } of plant.machines.values()) {
      let old = 0;
      while (old + 1 < strip.length && strip[old + 1][0] <= first) old++;
      if (old) strip.splice(0, old);
    }
    dispatchEvent(new CustomEvent("live", { detail: { whole, signals: d.signals || {} } }));
  }
  function apply(message) {
    S.answered = Date.now();
    if (message.seq <= S.seq) return;
    /* What is added to a number fits the one before it alone: after a gap the whole is fetched. */
    if (message.seq !== S.seq + 1) { meet(); return; }
    S.seq = message.seq;
    if (message.d.board) S.heard = Date.now() - (message.d.age_ms || 0);
    merge(message.d, false);
  }
  async function json(address) {
    const answer = await fetch(address, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }
  async function resync() {
    const message = await json("/live/state?" + query().slice(1));
    S.answered = Date.now();
    /* An answer that was overtaken by the stream, or by a later answer, must not set the page back. */
    if (message.boot === S.boot && message.seq < S.seq) return;
    S.resyncs++;
    S.boot = message.boot;
    S.seq = message.seq;
    S.heard = message.age_ms === null ? 0 : Date.now() - message.age_ms;
    merge(message.d, true);
  }
  function close() {
    if (S.stream) S.stream.close();
    S.stream = null;
  }
  function open() {
    close();
    if (document.hidden) return;
    const stream = (S.stream = new EventSource("/live/stream?since=" + S.seq + query()));
    stream.onmessage = event => { if (stream === S.stream) apply(JSON.parse(event.data)); };
    stream.addEventListener("resync", meet);
    // After an HTTP error an EventSource never tries again by itself: the watchdog polls, then reopens.
    stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) close(); };
  }
  function mark() {
    const age = S.heard ? Date.now() - S.heard : Infinity;
    const stale = age > STALE_MS;
    document.body.classList.toggle("stale", stale);
    dispatchEvent(new CustomEvent("age", { detail: { age, stale, answered: Date.now() - S.answered } }));
  }
  async function watch() {
    if (document.hidden) return;
    mark();
    if (S.asking || Date.now() - S.answered < POLL_AFTER_MS) return;
    S.asking = true;
    try {
      const later = S.seq ? await json("/live/poll?since=" + S.seq + query()) : null;
      if (later === null) await resync();
      else { S.answered = Date.now(); S.polled += later.length; later.forEach(apply); }
      if (!S.stream) open();
    } catch (error) {
      // No answer: the mark on the page says so, and the next second tries again.
    } finally {
      S.asking = false;
    }
  }
  /* The state, then the stream from its number on: nothing is missed between them, and nothing comes twice. */
  /* Meanwhile the watchdog asks for nothing: it would fetch, and play again, what comes with the state. */
  function begin() {
    S.asking = true;
    return resync().then(open, () => {}).finally(() => { S.asking = false; });
  }
  let meeting = false;
  function meet() {
    close();
    if (meeting) return;
    meeting = true;
    begin().finally(() => { meeting = false; });
  }
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : begin()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", event => { if (event.persisted) begin(); });
  office.channel = { state: S, resync };
  begin();
  setInterval(watch, 1000);
})();
