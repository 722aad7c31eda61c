/* The wall screen: line after line in big words, the calls, the plant and its time. It stops turning on a button,
   and where less motion is asked for; the screen stays awake where the browser lets it. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const STATES = ["running", "setup", "idle", "stopped", "down", "unknown"];
  const USUAL_S = 15, LEAST_S = 3, MOST = 12, CALLS = 3, NAMED = 1;
  const COLUMNS = [1, 1, 2, 3, 2, 3, 3, 4, 4, 3, 4, 4, 4];
  const cards = new Map(), chips = new Map(), calls = new Map();
  let root = null, ring = null, at = 0, turned = 0, paused = matchMedia("(prefers-reduced-motion: reduce)").matches;

  /* Seconds that a line stays; 0 for ever. */
  function rotates() {
    const text = office.address.get("rotate"), asked = Number(text);
    if (text === "" || !(asked >= 0)) return USUAL_S;
    return asked ? Math.max(LEAST_S, asked) : 0;
  }
  /* What is shown at a time: a line, or so much of it as can be read from afar. */
  function leaves() {
    const found = [];
    for (const [path, members] of office.byLine([...office.plant.machines.values()].filter(m => m.values.shift))) {
      const count = Math.ceil(members.length / MOST), each = Math.ceil(members.length / count);
      for (let i = 0; i < count; i++) found.push({ path, part: count > 1 ? `${i + 1} of ${count}` : "", members: members.slice(i * each, (i + 1) * each) });
    }
    return found;
  }
  function makeCard(name) {
    const node = make("li", "wall-card"), body = make("div", "wall-body"), status = make("div", "wall-state");
    const c = { node, icon: make("span", "icon"), state: make("span", "word"), since: make("span", "since"), cause: make("span", "cause"), goal: make("span", "goal"), called: make("span", "wall-called"), ring: office.ring.make() };
    status.append(c.icon, c.state);
    const words = make("div", "wall-words"), side = make("div", "wall-side");
    const title = make("span", "wall-machine", name);
    title.append(c.called);
    words.append(title, status, c.since, c.cause);
    side.append(c.ring.node, c.goal);
    body.append(words, side);
    node.append(body);
    node.dataset.wallMachine = name;
    return c;
  }
  function setCard(c, machine, board) {
    const { values } = machine, waits = office.waitWords(values), goal = office.goalOf([machine]);
    if (c.node.dataset.state !== values.state) { c.node.dataset.state = values.state; c.icon.replaceChildren(office.sign(values.state)); }
    office.say(c.state, values.state);
    office.say(c.since, "for " + office.duration(Math.max(0, board.now_ms - values.since_ms)));
    office.say(c.cause, values.learning || (waits ? waits.words + waits.by + waits.why : values.cause) || (values.online === false ? "link lost" : ""));
    office.ring.set(c.ring, goal);
    c.goal.dataset.goal = goal ? goal.verdict : "none";
    office.say(c.goal, goal ? `${office.ring.sign(goal)} ${office.goalWords(goal, "short")}` : "");
    const mine = office.callsFor(values.name), unheard = mine.some(call => call.acknowledged_ms === null);
    c.called.hidden = !mine.length;
    c.called.classList.toggle("unheard", unheard);
    office.say(c.called, unheard ? "! called" : "call heard");
  }
  function setPlant(board, machines) {
    const n = office.numbers(board.plant), goal = office.goalOf(machines), counts = new Map();
    office.ring.set(ring, goal);
    office.say(by("wall-utilization"), office.shareOrBounds(n.utilization, n.utilization_low, n.utilization_high, n.observed_ms));
    office.hint(by("wall-utilization"), office.utilizationHint(n) + ", summed over machines");
    by("wall-goal").dataset.goal = goal ? goal.verdict : "none";
    office.say(by("wall-goal"), goal ? `${office.ring.sign(goal)} ${office.goalWords(goal)}` : "");
    for (const { values } of machines) counts.set(values.state, (counts.get(values.state) || 0) + 1);
    for (const [state, chip] of chips) {
      office.say(chip.number, String(counts.get(state) || 0));
      chip.node.hidden = !counts.get(state);
    }
  }
  function setCalls(board) {
    const all = office.plant.calls ? office.plant.calls.calls : [], unheard = all.filter(call => call.acknowledged_ms === null);
    const shown = [...unheard, ...all.filter(call => call.acknowledged_ms !== null)].slice(0, CALLS), total = office.plant.calls ? office.plant.calls.total : 0;
    for (const id of [...calls.keys()]) if (!shown.some(call => call.id === id)) calls.delete(id);
    for (const call of shown) {
      if (!calls.has(call.id)) {
        const node = make("li"), c = { node, mark: make("span", "mark"), machine: make("b", "", call.machine), why: make("span", "why"), ago: make("span", "ago") };
        node.append(c.mark, c.machine, c.why, c.ago);
        calls.set(call.id, c);
      }
      const c = calls.get(call.id), heard = call.acknowledged_ms !== null;
      c.node.classList.toggle("unheard", !heard);
      office.say(c.mark, heard ? "✓" : "!");
      office.say(c.why, office.callWords(call));
      office.say(c.ago, office.duration(Math.max(0, board.now_ms - call.raised_ms)) + (heard ? ", somebody comes" : call.escalated_ms !== null ? ", escalated" : ", not answered"));
    }
    office.place(by("wall-calls"), shown.map(call => calls.get(call.id).node));
    office.say(by("wall-calls-words"), !office.plant.calls ? "" : !total ? "No machine needs anybody." : total > shown.length ? `and ${total - shown.length} more` : "");
  }
  function mount(page) {
    root = page;
    for (const known of [cards, chips, calls]) known.clear();
    ring = office.ring.make(true);
    by("wall-ring").replaceChildren(ring.node);
    for (const state of STATES) {
      const node = make("li"), number = make("b");
      node.dataset.state = state;
      node.append(office.sign(state), number, make("span", "word", state));
      chips.set(state, { node, number });
    }
    by("wall-counts").replaceChildren(...[...chips.values()].map(chip => chip.node));
    turned = performance.now();
    wake();
  }
  let asked = false;
  function draw() {
    asked = false;
    const page = by("wall"), board = office.plant.board;
    if (!page) { root = null; return; }
    if (page !== root) mount(page);
    if (!board) return;
    const shown = leaves(), machines = shown.flatMap(leaf => leaf.members);
    at = shown.length ? (at + shown.length) % shown.length : 0;
    office.say(by("wall-clock"), office.clock(board.now_ms));
    const hours = `${office.time(board.shift_from_ms)}–${office.time(board.shift_to_ms)}`;
    office.say(by("wall-shift"), board.shift_name ? `${board.shift_name} shift, ${hours}` : `no shift; the last one, ${hours}`);
    setPlant(board, machines);
    setCalls(board);
    drawLeaf(shown, board);
    const seconds = rotates(), button = by("wall-pause");
    button.hidden = shown.length < 2 || !seconds;
    office.say(button, paused ? "Turn every " + seconds + " s" : "Pause");
    for (const id of ["wall-before", "wall-next"]) by(id).hidden = shown.length < 2;
  }
  function drawLeaf(shown, board) {
    const leaf = shown[at], members = leaf ? leaf.members : [], names = new Set(members.map(m => m.values.name));
    for (const name of [...cards.keys()]) if (!names.has(name)) cards.delete(name);
    for (const machine of members) {
      if (!cards.has(machine.values.name)) cards.set(machine.values.name, makeCard(machine.values.name));
      setCard(cards.get(machine.values.name), machine, board);
    }
    const list = by("wall-cards");
    office.place(list, members.map(m => cards.get(m.values.name).node));
    list.style.setProperty("--columns", COLUMNS[members.length] || 4);
    office.say(by("wall-name"), leaf ? (leaf.path || "outside every line") + (leaf.part ? `, ${leaf.part}` : "") : "No machine yet");
    office.say(by("wall-held"), office.heldWords(members, NAMED));
    const n = leaf && board.lines[leaf.path] ? office.numbers(board.lines[leaf.path]) : null;
    office.say(by("wall-share"), n ? `utilization ${office.shareOrBounds(n.utilization, n.utilization_low, n.utilization_high, n.observed_ms)} of observed` : "");
    const dots = by("wall-dots");
    while (dots.children.length > shown.length) dots.lastChild.remove();
    while (dots.children.length < shown.length) dots.append(make("li"));
    [...dots.children].forEach((dot, i) => dot.classList.toggle("here", i === at));
  }
  function turn(by) { at += by; turned = performance.now(); ask(); }
  async function full() {
    try { if (document.fullscreenElement) await document.exitFullscreen(); else await document.documentElement.requestFullscreen(); }
    catch (error) { /* a browser that has no full screen, or is not asked by a person */ }
  }
  let lock = null;
  async function wake() {
    if (!by("wall") || document.hidden || !navigator.wakeLock || (lock && !lock.released)) return;
    try { lock = await navigator.wakeLock.request("screen"); } catch (error) { /* a battery that is low, or a browser that does not */ }
  }
  const DOES = { before: () => turn(-1), next: () => turn(1), full, pause: () => { paused = !paused; turn(0); } };
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-wall]");
    if (button) DOES[button.dataset.wall]();
  });
  addEventListener("keydown", event => {
    if (!by("wall") || event.ctrlKey || event.metaKey || event.altKey) return;
    const does = { ArrowLeft: "before", ArrowRight: "next", f: "full", p: "pause" }[event.key];
    if (does) { event.preventDefault(); DOES[does](); }
  });
  document.addEventListener("visibilitychange", wake);
  document.addEventListener("fullscreenchange", () => { if (by("wall-full")) office.say(by("wall-full"), document.fullscreenElement ? "Leave full screen" : "Full screen"); });
  addEventListener("age", () => { if (by("wall-link") && by("link-words")) office.say(by("wall-link"), by("link-words").textContent === "live" ? "live" : by("link-words").textContent); });
  /* Turning needs no clock of its own finer than a second, and none while nobody looks. */
  setInterval(() => {
    const seconds = rotates();
    if (root && by("wall") && !paused && !document.hidden && seconds && performance.now() - turned >= seconds * 1000) turn(1);
  }, 500);
  function ask() { if (!asked) { asked = true; requestAnimationFrame(draw); } }
  for (const reason of ["live", "theme", "resize", "address"]) addEventListener(reason, ask);
})();
