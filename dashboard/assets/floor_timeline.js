/* The timeline of the floor: one row a machine, one scale for all that reaches 'now', totals by state beside it.
   It may be zoomed by dragging, by + and - or by its buttons; the zoom stands in the address: `span`, so many
   seconds, up to `until`, or up to now and on with it. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const STATES = ["running", "setup", "idle", "stopped", "down", "unknown"];
  const MARGIN = 0.012, LEAST_MS = 60 * 1000, DRAG_PX = 6;
  const rows = new Map();
  let table = null, root = null, view = { from: 0, to: 1 }, whole = { from: 0, now: 0 };

  function mount(parent) {
    root = parent;
    rows.clear();
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
    table = { node, body, axis, band: make("i", "zoom-band") };
    table.band.hidden = true;
    parent.replaceChildren(node, table.band);
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
      office.say(cell, ms >= office.MINUTE ? office.hours(ms) : ms >= 1000 ? "<\u202f0:01" : office.NONE);
      cell.classList.toggle("none", ms < 1000);
      office.hint(cell, `${state} ${office.exactly(ms)}`);
      if (ms >= 1000) said.push(`${state} ${office.duration(ms)}`);
    }
    const label = `${machine.values.name}, ${office.plant.board.shift_name ? "this" : "the last"} shift: ${said.join(", ") || "nothing yet"}. Arrow keys read the intervals.`;
    if (r.canvas.getAttribute("aria-label") !== label) r.canvas.setAttribute("aria-label", label);
    office.strip.draw(r.canvas, machine.strip, view.from, view.to, whole.now);
  }

  /* --- what is shown ------------------------------------------------------------------------------ */
  function asked() {
    const span = Number(office.address.get("span")) * 1000, until = Date.parse(office.address.get("until"));
    const most = Math.max(whole.now - whole.from, 10 * office.MINUTE);
    if (!(span > 0) || span >= most) return { span: most, until: null, zoomed: false };
    return { span: Math.max(span, LEAST_MS), until: Number.isFinite(until) && until < whole.now ? until : null, zoomed: true };
  }
  function setView() {
    const { span, until, zoomed } = asked(), end = until === null ? whole.now : until;
    view = { from: zoomed ? Math.max(whole.from, end - span) : whole.from, to: until === null ? end + span * MARGIN : end };
  }
  function setZoom() {
    const { zoomed, until, span } = asked();
    const words = zoomed ? `${office.time(view.from)}–${until === null ? "now" : office.time(until)}, ${office.duration(span)}` : "";
    office.say(by("zoom-words"), words);
    by("zoom-none").disabled = by("zoom-out").disabled = !zoomed;
    by("zoom-in").disabled = span <= LEAST_MS;
  }
  function choose(from, to) {
    const most = Math.max(whole.now - whole.from, 10 * office.MINUTE), span = Math.max(LEAST_MS, to - from);
    if (span >= most) return office.address.choose({ span: "", until: "" });
    const end = Math.max(to, whole.from + span);
    /* Whole seconds, as people would write them. */
    office.address.choose({ span: String(Math.round(span / 1000)), until: end >= whole.now ? "" : new Date(Math.round(end / 1000) * 1000).toISOString().replace(".000", "") });
  }
  function zoom(factor) {
    const { span, until } = asked(), end = until === null ? whole.now : until, next = span * factor;
    choose(...(until === null ? [end - next, end] : [end - span / 2 - next / 2, end - span / 2 + next / 2]));
  }
  function pan(share) {
    const { span, until, zoomed } = asked();
    if (zoomed) choose((until === null ? whole.now : until) + share * span - span, (until === null ? whole.now : until) + share * span);
  }
  const DOES = { "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), 0: () => office.address.choose({ span: "", until: "" }) };
  document.addEventListener("keydown", event => {
    const panel = event.target.closest && event.target.closest("#timeline");
    if (!panel || event.ctrlKey || event.metaKey || event.altKey) return;
    const does = event.shiftKey && event.key === "ArrowLeft" ? () => pan(-0.25) : event.shiftKey && event.key === "ArrowRight" ? () => pan(0.25) : DOES[event.key];
    if (!does) return;
    event.preventDefault();
    office.tip.hide();
    does();
  });
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-zoom]");
    if (button) DOES[button.dataset.zoom]();
  });
  /* Dragging over any row marks a stretch of the one scale; going up and down is left to the page. */
  let drag = null;
  const momentAt = x => { const box = table.axis.getBoundingClientRect(); return view.from + (Math.min(Math.max(x - box.left, 0), box.width) / box.width) * (view.to - view.from); };
  document.addEventListener("pointerdown", event => {
    if (event.button === 0 && event.target.closest("#floor-timeline canvas")) drag = { x: event.clientX, from: momentAt(event.clientX), moved: false };
  });
  document.addEventListener("pointermove", event => {
    if (!drag || (!drag.moved && Math.abs(event.clientX - drag.x) < DRAG_PX)) return;
    drag.moved = true;
    office.tip.hide();
    const box = table.axis.getBoundingClientRect(), at = x => Math.min(Math.max(x, box.left), box.right) - root.getBoundingClientRect().left;
    const [a, b] = [at(drag.x), at(event.clientX)].sort((one, other) => one - other);
    table.band.hidden = false;
    table.band.style.transform = `translateX(${a}px)`;
    table.band.style.width = b - a + "px";
  });
  function end(event) {
    if (!drag) return;
    const { moved, from } = drag;
    drag = null;
    if (table) table.band.hidden = true;
    if (!moved || event.type === "pointercancel") return;
    const to = momentAt(event.clientX);
    choose(Math.min(from, to), Math.max(from, to));
  }
  for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, end);

  office.floorTimeline = (machines, board, early) => {
    const parent = by("floor-timeline");
    if (!parent) return;
    if (parent !== root) mount(parent);
    const from = early && board.last_shift_from_ms !== null ? Math.max(board.last_shift_from_ms, board.run ? board.epoch_ms : 0) : board.shift_from_ms;
    whole = { from: board.run ? Math.max(from, Math.min(board.epoch_ms, board.now_ms)) : from, now: board.now_ms };
    office.say(by("timeline-title"), early ? "Timeline of the last shift and this one" : board.shift_name ? "Timeline of the shift" : "Timeline since the last shift began");
    setView();
    const names = new Set(machines.map(machine => machine.values.name));
    for (const name of [...rows.keys()]) if (!names.has(name)) rows.delete(name);
    for (const name of names) if (!rows.has(name)) rows.set(name, makeRow(name));
    office.place(table.body, machines.map(machine => rows.get(machine.values.name).node));
    for (const machine of machines) setRow(rows.get(machine.values.name), machine);
    office.strip.axis(table.axis, view.from, view.to, whole.now);
    setZoom();
  };
})();
