/* The machines there are: what each does now, by whose word it stands, and what can be done with it. What was
   answered stands beside its row. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const SOON_MS = 250;
  const BY = { file: "its file", "file and command": "its file, changed by a command", command: "a command, for this run", bench: "calibration bench" };
  const rows = new Map();
  let root = null, body = null, timer = 0, seen = "", fresh = "", asking = 0, gone = [];

  /* --- what the plant says of them ------------------------------------------------------------------------ */
  async function askPlant() {
    const mine = ++asking, [result] = await Promise.all([office.command({ what: "machines" }), askGone()]);
    if (mine !== asking || !by("machines")) return;
    /* What is as usual is not said. */
    if (result.ok) office.standing = Object.fromEntries(Object.entries(result.machines || {}).map(([name, one]) => [name, { by: "file", paused: false, ...one }]));
    draw();
  }
  /* Devices of one's own that have gone are in the history until they are forgotten. */
  async function askGone() {
    try {
      const answer = await fetch("/api/machines?retired=yes", { cache: "no-store" }), said = await answer.json();
      gone = answer.ok ? said.filter(one => !one.simulated) : [];
    } catch (error) { gone = []; }
  }
  /* Asked again once something has come, gone or changed; never by the clock. */
  office.machinesChanged = name => { fresh = name || fresh; clearTimeout(timer); timer = setTimeout(askPlant, SOON_MS); };
  const told = values => values.simulated ? (office.standing || {})[values.name] : undefined;
  const sort = values => !values.simulated ? (values.kind && values.how === "reported" ? "recorded" : "own device") : "simulated";
  function origin(values) {
    if (values.gone) return "no longer there";
    if (!values.simulated) return sort(values) === "recorded" ? "recorded, replayed" : "own device";
    const standing = told(values);
    return standing ? BY[standing.by] : "simulated";
  }

  /* --- rows ------------------------------------------------------------------------------------------------ */
  function makeRow(name) {
    const node = make("tr"), head = make("th"), link = make("a", "", name), r = { node, name, cells: {}, kind: "", buttons: {} };
    node.id = "row-" + name;
    head.scope = "row";
    link.href = "/machine/" + encodeURIComponent(name);
    head.append(link);
    node.append(head);
    for (const [key, label] of [["state", "state now"], ["line", "line"], ["kind", "kind"], ["by", "stands by"]]) {
      const cell = make("td");
      cell.dataset.label = label;
      node.append(cell);
      r.cells[key] = cell;
    }
    r.sign = make("span", "icon");
    r.word = make("b", "word");
    r.since = make("span", "label");
    r.cells.state.className = "state-now";
    r.cells.state.append(r.sign, r.word, r.since);
    const doing = make("td", "doing");
    r.actions = make("div", "actions");
    r.ask = make("div", "ask");
    r.ask.hidden = true;
    r.said = make("p", "said");
    r.said.id = "said-" + name;
    r.said.setAttribute("role", "status");
    doing.append(r.actions, r.ask, r.said);
    node.append(doing);
    return r;
  }
  function setRow(r, values, now_ms) {
    if (r.node.dataset.state !== values.state) { r.node.dataset.state = values.state; r.sign.replaceChildren(office.sign(values.state)); }
    office.say(r.word, values.state);
    office.hint(r.word, office.MEANING[values.state] || "");
    const standing = told(values), paused = Boolean(standing && standing.paused);
    r.node.classList.toggle("gone", Boolean(values.gone));
    office.say(r.since, values.gone ? "" : (paused ? "paused, " : "") + "for " + office.duration(Math.max(0, now_ms - values.since_ms)));
    office.say(r.cells.line, values.path || office.NONE);
    office.say(r.cells.kind, values.kind || office.NONE);
    office.say(r.cells.by, origin(values));
    r.node.classList.toggle("fresh", r.name === fresh);
    const kind = [sort(values), paused, standing ? standing.by : ""].join();
    if (kind === r.kind) return;
    r.kind = kind;
    const held = document.activeElement, had = r.actions.contains(held) ? held.dataset.what : "";
    r.actions.replaceChildren(...actions(r, values, standing, paused));
    const again = had && (r.actions.querySelector(`[data-what="${had}"]`) || r.actions.querySelector("button"));
    if (again) again.focus();
  }
  function actions(r, values, standing, paused) {
    if (values.simulated && standing && standing.by === "bench") {
      const link = make("a", "label", "switched on Proof");
      link.href = "/proof#bench-title";
      return [link];
    }
    const button = (what, words, does, id) => {
      const node = make("button", "button small", words);
      node.type = "button";
      node.id = `${id || what}-${r.name}`;
      node.dataset.what = what;
      node.setAttribute("aria-label", `${words} ${r.name}`);
      node.addEventListener("click", does);
      return node;
    };
    if (!values.simulated) return [button("forget", "Forget", () => sure(r, `Its tile goes, and all that was measured of ${r.name}. If it sends again, it begins anew.`, "Forget it", { what: "forget", machine: r.name }))];
    return [
      button("hold", paused ? "Go on" : "Pause", () => run(r, { what: paused ? "resume" : "pause", machine: r.name }), paused ? "resume" : "pause"),
      button("clone", "Clone", () => clone(r)),
      button("change", "Change", () => change(r)),
      Object.assign(button("save", "Save", () => save(r)), { title: "Save as a file, for simulator/machines/" }),
      button("remove", "Remove", () => sure(r, `${r.name} goes with its tile. ${!standing || standing.by === "command" ? "A new run does not have it either." : "Its file stays: a new run begins with it."}`, "Remove it", { what: "remove", machine: r.name })),
    ];
  }

  /* --- doing ------------------------------------------------------------------------------------------------ */
  async function run(r, command) {
    office.say(r.said, "Asking.");
    const result = await office.command(command);
    office.said(r.said, result, "Done");
    office.machinesChanged();
    return result;
  }
  function open(r, ...nodes) {
    r.ask.replaceChildren(...nodes);
    r.ask.hidden = false;
    r.actions.hidden = true;
    office.say(r.said, "");
  }
  function close(r, what) {
    r.ask.hidden = true;
    r.actions.hidden = false;
    const back = r.actions.querySelector(`[data-what="${what}"]`);
    if (back) back.focus();
  }
  function sure(r, words, yes, command) {
    const go = make("button", "button small strong", yes), no = make("button", "button small", "Keep it"), buttons = make("div", "buttons");
    go.type = no.type = "button";
    go.id = "yes-" + r.name;
    go.addEventListener("click", async () => {
      go.disabled = true;
      const result = await run(r, command);
      go.disabled = false;
      close(r, command.what);
      /* Its row goes with it: what came of it is said where it stays. */
      if (result.ok) { office.said(by("machines-said"), result, ""); by("machines-said").focus(); }
    });
    no.addEventListener("click", () => close(r, command.what));
    buttons.append(go, no);
    open(r, make("p", "label", words), buttons);
    no.focus();
  }
  function clone(r) {
    const form = make("form", "buttons"), label = make("label", "", "Name of the copy "), field = make("input"), go = make("button", "button small strong", "Clone it"), no = make("button", "button small", "Cancel");
    field.id = "clone-name-" + r.name;
    field.value = office.freeName(r.name);
    field.autocomplete = "off";
    field.spellcheck = false;
    label.append(field);
    go.type = "submit";
    no.type = "button";
    no.addEventListener("click", () => close(r, "clone"));
    form.addEventListener("submit", async event => {
      event.preventDefault();
      if (!field.value.trim()) { office.said(r.said, { ok: false, message: "the copy needs a name of its own" }); return; }
      const result = await run(r, { what: "clone", machine: r.name, name: field.value.trim() });
      if (!result.ok) return;
      office.machinesChanged(field.value.trim());
      close(r, "clone");
    });
    form.append(label, go, no);
    open(r, form);
    field.focus();
    field.select();
  }
  async function textOf(r) {
    office.say(r.said, "Asking.");
    const result = await office.command({ what: "save", machine: r.name });
    if (result.ok) office.say(r.said, ""); else office.said(r.said, result, "");
    return result.ok ? result.text || "" : null;
  }
  async function change(r) {
    const said = await textOf(r);
    if (said !== null) office.change(r.name, said);
  }
  async function save(r) {
    const said = await textOf(r);
    if (said === null) return;
    const link = make("a"), address = URL.createObjectURL(new Blob([said], { type: "application/toml" }));
    link.href = address;
    link.download = r.name + ".toml";
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    office.say(r.said, `${r.name}.toml is saved; in simulator/machines/ it would do the same at the start of a run.`);
  }

  /* --- the page ---------------------------------------------------------------------------------------------- */
  function mount(page) {
    root = page;
    rows.clear();
    seen = "";
    const table = make("table", "buckets cards machines"), head = make("thead"), titles = make("tr");
    body = make("tbody");
    for (const words of ["machine", "state now", "line", "kind", "stands by", "what can be done"]) { const cell = make("th", "", words); cell.scope = "col"; titles.append(cell); }
    head.append(titles);
    table.append(make("caption", "unseen", "Every machine, by line and name"), head, body);
    by("machines-table").replaceChildren(table);
    askPlant();
  }
  /* By line and name. */
  const sorted = machines => machines.sort((a, b) => (a.path === "") - (b.path === "") || a.path.localeCompare(b.path) || a.name.localeCompare(b.name, undefined, { numeric: true }));
  function draw() {
    const page = by("machines"), board = office.plant.board;
    if (!page || !by("machines-table")) { root = null; return; }
    if (page !== root) mount(page);
    if (!board) return;
    const there = [...office.plant.machines.values()].map(one => one.values).filter(one => one.name);
    const left = gone.filter(one => !office.plant.machines.has(one.name)).map(one => ({ ...one, state: "unknown", gone: true }));
    const machines = [...sorted(there), ...sorted(left)];
    const now = there.map(one => [one.name, one.path, one.kind, one.cause === "paused"].join()).join("\n");
    if (now !== seen) { if (seen) office.machinesChanged(); seen = now; }
    const names = new Set(machines.map(one => one.name));
    for (const [name, r] of [...rows]) if (!names.has(name)) { r.node.remove(); rows.delete(name); }
    machines.forEach((values, i) => {
      let r = rows.get(values.name);
      if (!r) rows.set(values.name, (r = makeRow(values.name)));
      setRow(r, values, board.now_ms);
      if (body.children[i] !== r.node) body.insertBefore(r.node, body.children[i] || null);
    });
    const simulated = there.filter(one => one.simulated).length, other = there.length - simulated;
    office.say(by("machines-count"), `${there.length === 1 ? "1 machine" : there.length + " machines"}: ${simulated} simulated, ${other} real or recorded` + (left.length ? `; ${left.length} no longer there` : ""));
  }
  let due = false;
  for (const reason of ["live", "page"]) addEventListener(reason, () => { if (!due) { due = true; requestAnimationFrame(() => { due = false; draw(); }); } });
})();
