/* The floor page put together: totals of what is shown, lines of tiles in the order in which parts flow, and on a
   phone first of all what does not run. Everything inside its containers is drawn here and in the files named
   below, and nowhere else: tiles.js, totals.js, floor_timeline.js, calls.js. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const EARLY_MS = 15 * 60 * 1000;
  const STATES = ["running", "setup", "idle", "stopped", "down", "unknown"];
  /* Longest in need first: what is down before what waits. */
  const URGENT = ["down", "stopped", "unknown", "idle", "setup"];
  const PHONE = matchMedia("(max-width: 760px)");
  const tiles = new Map(), lines = new Map(), unfolded = new Set();
  let root = null, plant = null, waiting = null;

  /* Moves a node only when it is not where it belongs, so that focus and selection stay. */
  office.place = (parent, nodes) => {
    const held = document.activeElement;
    nodes.forEach((node, i) => { if (parent.children[i] !== node) parent.insertBefore(node, parent.children[i] || null); });
    while (parent.children.length > nodes.length) parent.lastChild.remove();
    if (held && held !== document.activeElement && held.isConnected) held.focus({ preventScroll: true });
  };

  /* --- lines ------------------------------------------------------------------------------------- */
  function picker(kind, value, className) {
    const button = make("button", className);
    button.type = "button";
    Object.assign(button.dataset, { pick: kind, picks: value });
    return button;
  }
  function makeLine(path) {
    const node = make("section", "line");
    node.dataset.line = path;
    const head = make("header", "line-head"), title = make("div", "line-title"), name = make("h2");
    const l = { node, pick: picker("line", path, "line-pick"), grid: make("div", "tiles"), fold: make("button", "button fold") };
    l.pick.textContent = path || "outside every line";
    l.pick.title = `Show ${path || "what is outside every line"} alone`;
    name.append(l.pick);
    title.append(name);
    l.machines = office.field(title, "machines", "span", "label");
    l.fold.type = "button";
    l.fold.dataset.fold = path;
    const totals = make("div", "line-totals");
    l.totals = office.totals(totals);
    const parts = make("div", "metric plain"), partsHead = make("div", "metric-head");
    partsHead.append(make("span", "label", "Parts"));
    l.parts = office.field(partsHead, "parts", "span", "number");
    l.partsBox = parts;
    parts.append(partsHead);
    totals.append(parts);
    head.append(title, l.fold, totals);
    l.held = office.field(node, "held", "p", "held");
    node.replaceChildren(head, l.held, l.grid);
    return l;
  }
  function setLine(l, path, members, board) {
    const n = office.numbers(board.lines[path]), picked = office.picked();
    l.node.style.setProperty("--count", members.length);
    l.node.classList.toggle("narrow", members.length < 3);
    office.say(l.machines, members.length === 1 ? "1 machine" : members.length + " machines");
    l.pick.setAttribute("aria-pressed", String(Boolean(picked) && picked.kind === "line" && picked.value === path));
    const held = office.heldWords(members);
    office.say(l.held, held);
    l.held.hidden = !held;
    if (!n) return;
    office.setTotals(l.totals, n, { line: path }, true);
    office.say(l.parts, office.count(n.parts));
    l.partsBox.hidden = n.parts === null;
  }
  /* A line on a phone is one row that unfolds to the machines that run; the others stand above already. */
  function foldLine(l, path, running) {
    const open = unfolded.has(path);
    l.fold.hidden = !PHONE.matches || !running;
    l.fold.setAttribute("aria-expanded", String(open));
    office.say(l.fold, `${open ? "Hide" : "Show"} ${running} running`);
    l.grid.hidden = PHONE.matches && !open;
  }

  /* --- the plant, or what is selected of it ------------------------------------------------------- */
  function makePlant(parent) {
    const t = { name: make("h2"), shares: make("div", "plant-shares"), counts: make("ul", "counts"), chips: new Map() };
    const title = make("div", "totals-title"), words = make("div");
    t.ring = office.ring.make(true);
    t.ring.node.tabIndex = 0;
    t.goal = make("div", "goal");
    words.append(t.name, t.goal);
    title.append(t.ring.node, words);
    t.totals = office.totals(t.shares);
    t.made = {};
    for (const [name, metric] of Object.entries(t.totals)) metric.box.append(t.made[name] = make("span", "label made-of"));
    const parts = make("div", "metric"), head = make("div", "metric-head");
    head.append(make("span", "label", "Parts"));
    t.parts = office.field(head, "plant-parts", "span", "number");
    parts.append(head, make("div", "bar none"), make("span", "label made-of", "rejects included"));
    parts.title = "counted in planned time, rejects included";
    t.partsBox = parts;
    t.shares.append(parts);
    for (const state of STATES) {
      const item = make("li"), chip = picker("state", state, "count"), number = make("span", "number");
      chip.dataset.state = state;
      chip.append(office.sign(state), number, make("span", "word", state));
      chip.title = office.MEANING[state];
      item.append(chip);
      t.counts.append(item);
      t.chips.set(state, { chip, number });
    }
    parent.replaceChildren(title, t.shares, t.counts);
    return t;
  }
  function setPlant(board, all, shown, picked) {
    const goal = office.goalOf(shown);
    office.ring.set(plant.ring, goal);
    plant.goal.dataset.goal = goal ? goal.verdict : "none";
    office.say(plant.goal, goal ? `${office.ring.sign(goal)} ${office.goalWords(goal)}` : "");
    office.say(plant.name, picked ? office.pickedWords(picked, shown) : "Plant");
    let n = office.numbers(board.plant), of = {};
    if (picked && picked.kind === "line" && board.lines[picked.value]) [n, of] = [office.numbers(board.lines[picked.value]), { line: picked.value }];
    else if (picked && shown.length === 1) [n, of] = [office.numbers(shown[0].values.shift), { machine: shown[0].values.name }];
    else if (picked && shown.length) [n, of] = [office.summed(shown), null];
    plant.shares.hidden = Boolean(picked) && !shown.length;
    office.setTotals(plant.totals, n, of, shown.length > 1);
    for (const [name, node] of Object.entries(plant.made)) office.say(node, name === "coverage" ? `of ${office.machineTime(n.planned_ms)} planned` : `of ${office.machineTime(n.observed_ms)} observed`);
    office.say(plant.parts, office.count(n.parts));
    plant.partsBox.hidden = n.parts === null;
    const counts = new Map();
    for (const machine of all) counts.set(machine.values.state, (counts.get(machine.values.state) || 0) + 1);
    for (const [state, { chip, number }] of plant.chips) {
      office.say(number, String(counts.get(state) || 0));
      chip.classList.toggle("none", !counts.get(state));
      chip.setAttribute("aria-pressed", String(Boolean(picked) && picked.kind === "state" && picked.value === state));
    }
  }

  /* --- refused, shortly ---------------------------------------------------------------------------- */
  let refusedSaid = "";
  function setRefused(box) {
    const refusals = office.plant.refusals, board = office.plant.board;
    const total = Math.max(refusals ? refusals.total : 0, board ? board.refused : 0);
    const repeats = board ? board.repeats : 0, gaps = board ? board.gaps : 0;
    const newest = (refusals ? refusals.newest : []).slice(0, 1);
    const key = [total, repeats, gaps, JSON.stringify(newest)].join();
    if (key === refusedSaid && box.childElementCount) return;
    refusedSaid = key;
    const count = make("p", "refused-count"), other = make("p", "refused-other"), list = make("ul", "refusals");
    count.append(make("span", "number", office.count(total)), " refused since the office began");
    other.append(`repeated messages, which changed nothing: ${office.count(repeats)}; missing by their sequence numbers: ${office.count(gaps)}`);
    for (const refusal of newest) {
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
    tiles.clear();
    lines.clear();
    plant = makePlant(by("plant-totals"));
    waiting = { node: make("section", "line not-running"), title: make("h2", "", "Not running"), grid: make("div", "tiles") };
    const head = make("header", "line-head"), title = make("div", "line-title");
    waiting.count = make("span", "label");
    title.append(waiting.title, waiting.count);
    head.append(title);
    waiting.node.append(head, waiting.grid);
    by("floor-lines").replaceChildren();
    refusedSaid = "";
  }
  function keep(known, names, maker) {
    for (const name of [...known.keys()]) if (!names.has(name)) known.delete(name);
    for (const name of names) if (!known.has(name)) known.set(name, maker(name));
  }
  const node = machine => tiles.get(machine.values.name).node;
  /* On a phone there is no room for what is not selected. */
  function drawLines(byLine, shown) {
    const phone = PHONE.matches, stand = phone ? shown.filter(m => m.values.state !== "running") : [];
    stand.sort((a, b) => URGENT.indexOf(a.values.state) - URGENT.indexOf(b.values.state) || a.values.since_ms - b.values.since_ms);
    office.say(waiting.count, stand.length === 1 ? "1 machine" : `${stand.length} machines`);
    office.place(waiting.grid, stand.map(node));
    for (const [path, members] of byLine) {
      const line = lines.get(path), here = phone ? members.filter(m => m.values.state === "running" && shown.includes(m)) : members;
      office.place(line.grid, here.map(node));
      foldLine(line, path, here.length);
      here.forEach((m, i) => {
        const before = i > 0 && !phone && here[i - 1].values.name === m.values.after ? office.waitsFor(here[i - 1].values) : undefined;
        node(m).classList.toggle("flows", before !== undefined);
        node(m).classList.toggle("blocks", Boolean(before) && before.how === "blocked" && before.by === m.values.name);
      });
    }
    const sections = [...byLine].filter(([, members]) => !phone || members.some(m => shown.includes(m))).map(([path]) => lines.get(path).node);
    office.place(by("floor-lines"), stand.length ? [waiting.node, ...sections] : sections);
  }
  let asked = false;
  function draw() {
    asked = false;
    const page = by("floor"), board = office.plant.board;
    if (!page) { root = null; return; }
    if (page !== root) mount(page);
    setRefused(by("refused"));
    if (!board) return;
    const byLine = office.byLine([...office.plant.machines.values()].filter(m => m.values.shift));
    const machines = [...byLine.values()].flat(), picked = office.picked();
    const shown = machines.filter(machine => office.isPicked(machine.values, picked));
    const early = board.now_ms - board.shift_from_ms < EARLY_MS && board.last_shift_from_ms !== null;
    page.classList.toggle("some", Boolean(picked));
    setPlant(board, machines, shown, picked);
    keep(lines, new Set(byLine.keys()), makeLine);
    keep(tiles, new Set(machines.map(m => m.values.name)), office.tile.make);
    for (const machine of machines) office.tile.set(tiles.get(machine.values.name), machine, board, early, picked);
    for (const [path, members] of byLine) setLine(lines.get(path), path, members, board);
    drawLines(byLine, shown);
    office.floorTimeline(shown, board, early);
  }
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-fold]");
    if (!button) return;
    const { fold } = button.dataset;
    if (!unfolded.delete(fold)) unfolded.add(fold);
    ask();
  });
  /* Drawing only the newest keeps a slow screen current. */
  function ask() { if (!asked) { asked = true; requestAnimationFrame(draw); } }
  for (const reason of ["live", "theme", "resize", "address"]) addEventListener(reason, ask);
  PHONE.addEventListener("change", ask);
})();
