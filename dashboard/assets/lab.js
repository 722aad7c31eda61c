/* The fault lab: which machine, how badly and for how long, and a button for each fault. What is under way
   is pushed; what there is is asked for when it may have changed. Everything inside its containers is drawn
   here and nowhere else; values from the wire are only ever written as text. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const BACK_MS = 3000;
  const FIRST = 4, ALL = 100;
  const lab = (office.lab = { told: null, all: false, ask: () => { known = ""; ask(); } });
  const cards = new Map(), items = new Map();
  let root = null, controls = null, drawnOf = "", asked_ms = 0, asking = false, known = "", busy = new Set();

  /* --- what is chosen --------------------------------------------------------------------------- */
  function labelled(text, node, after) {
    const label = make("label");
    label.append(make("span", "label", text), node);
    if (after) label.append(after);
    return label;
  }
  function field(id, attributes) {
    const node = make("input");
    node.id = id;
    Object.assign(node, attributes);
    return node;
  }
  function makeControls(box) {
    const machine = make("select"), signal = make("select");
    machine.id = "lab-machine";
    signal.id = "lab-signal";
    const severity = field("lab-severity", { type: "range", min: "0", max: "100", step: "5", value: "50" });
    const share = make("output", "number", "50 %");
    share.htmlFor = severity.id;
    const minutes = field("lab-minutes", { type: "number", min: "1", max: "10080", step: "1", placeholder: "as listed" });
    severity.addEventListener("input", () => office.say(share, severity.value + " %"));
    machine.addEventListener("change", () => { office.address.choose({ machine: machine.value }); });
    box.replaceChildren(labelled("Machine", machine), labelled("Severity, 0 hardly to 100 as bad as it gets", severity, share),
      labelled("Lasts, minutes of plant time", minutes), labelled("Signal, for a fault of a sensor", signal));
    return { machine, signal, severity, minutes };
  }
  const machineNow = () => controls && controls.machine.value;
  function fill(select, groups, wanted) {
    const key = JSON.stringify(groups);
    if (select.dataset.key !== key) {
      const before = select.value;
      select.dataset.key = key;
      select.replaceChildren(...groups.map(([title, names]) => {
        const options = names.map(name => { const one = make("option", "", name); one.value = name; return one; });
        if (!title) return options;
        const group = make("optgroup");
        group.label = title;
        group.append(...options);
        return [group];
      }).flat());
      if (before && groups.some(([, names]) => names.includes(before))) select.value = before;
    }
    if (wanted && select.value !== wanted && groups.some(([, names]) => names.includes(wanted))) select.value = wanted;
  }
  function setControls() {
    const lines = new Map(), names = new Set(Object.keys(lab.told ? lab.told.machines : {}));
    for (const machine of office.plant.machines.values()) names.add(machine.values.name);
    for (const name of [...names].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }))) {
      const machine = office.plant.machines.get(name), path = (machine && machine.values.path) || "outside every line";
      if (!lines.has(path)) lines.set(path, []);
      lines.get(path).push(name);
    }
    const first = Object.keys(lab.told ? lab.told.machines : {}).find(name => !lab.told.machines[name].reason);
    fill(controls.machine, [...lines].sort((a, b) => a[0].localeCompare(b[0])), office.address.get("machine") || (controls.machine.value ? "" : first));
    const can = lab.told && lab.told.machines[machineNow()];
    const signals = can ? can.signals : [];
    fill(controls.signal, [["", signals]], controls.signal.value && signals.includes(controls.signal.value) ? "" : signals[0]);
    controls.signal.disabled = !signals.length;
  }
  /* Why the machine that is chosen cannot have a fault; empty when it can. */
  function reasonAgainst(entry) {
    const can = lab.told && lab.told.machines[machineNow()];
    if (!can) return "it is not of the simulated plant: a recording, or a device of one's own";
    if (can.reason) return can.reason;
    if (can.without[entry.fault]) return can.without[entry.fault];
    return entry.about === "sensor" && !can.signals.length ? "it has no sensor" : "";
  }
  const signalOf = entry => (entry.about === "sensor" ? controls.signal.value : "");
  const onNow = entry => office.faultsOf(machineNow()).find(one => one.fault === entry.fault && one.signal === signalOf(entry));

  /* --- the faults ------------------------------------------------------------------------------- */
  const words = text => text.split(/(`[^`]*`)/).filter(Boolean).map(part => (part[0] === "`" ? make("code", "", part.slice(1, -1)) : part));
  function makeCard(entry) {
    const node = make("button", "lab-fault"), head = make("span", "lab-fault-head"), name = make("b", "", entry.title);
    node.type = "button";
    node.id = "fault-" + entry.fault;
    node.dataset.fault = entry.fault;
    name.id = node.id + "-name";
    const sign = office.faultSign(), lasts = make("span", "label"), how = make("span", "lab-how", entry.severity), sees = make("span", "lab-sees"), state = make("span", "lab-state");
    sees.id = node.id + "-sees";
    state.id = node.id + "-state";
    sees.append(...words(entry.expected[0].toUpperCase() + entry.expected.slice(1)));
    head.append(sign, name, lasts);
    office.say(lasts, `${office.count(entry.duration_s / 60)} min`);
    node.append(head, sees, how, state);
    node.setAttribute("aria-labelledby", name.id);
    node.setAttribute("aria-describedby", `${state.id} ${sees.id}`);
    node.addEventListener("click", () => press(entry));
    return { node, state, sees };
  }
  function setCard(card, entry) {
    const on = onNow(entry), against = reasonAgainst(entry);
    card.node.setAttribute("aria-pressed", String(Boolean(on)));
    /* Said and not disabled: who moves by keyboard hears why it cannot be. */
    card.node.setAttribute("aria-disabled", String(Boolean(against) && !on));
    card.node.classList.toggle("busy", busy.has(entry.fault));
    const where = machineNow() + (entry.about === "sensor" && signalOf(entry) ? `, ${signalOf(entry)}` : "");
    office.say(card.state, on ? `on ${where} until ${office.clock(on.until_ms)}; click to clear` : against ? `Not for ${machineNow()}: ${against}` : "");
    card.state.hidden = !card.state.textContent;
  }
  async function press(entry) {
    const machine = machineNow(), signal = signalOf(entry), on = onNow(entry), against = reasonAgainst(entry);
    if (busy.has(entry.fault)) return;
    if (!on && against) { office.said(by("lab-said"), { ok: false, message: `${machine} cannot have ${entry.title}: ${against}` }, ""); return; }
    const command = { what: on ? "clear" : "fault", machine, fault: entry.fault };
    if (signal) command.signal = signal;
    if (!on) {
      command.severity = Number(controls.severity.value) / 100;
      if (controls.minutes.value) command.duration_s = Number(controls.minutes.value) * 60;
    }
    await send(command, entry.fault);
  }
  async function send(command, fault) {
    busy.add(fault);
    draw();
    const result = await office.command(command);
    busy.delete(fault);
    if (by("lab-said")) office.said(by("lab-said"), result, "Done");
    draw();
  }
  function drawCatalogue() {
    const entries = lab.told ? lab.told.catalogue : [];
    const none = by("lab-none");
    none.hidden = entries.length > 0;
    office.say(none, lab.told ? "No simulated plant has said what can be broken in it: real machines have no fault lab." : "Asking the plant what can be broken in it.");
    by("lab-choice").hidden = !entries.length;
    const key = JSON.stringify(entries);
    if (key !== drawnOf) {
      drawnOf = key;
      cards.clear();
      for (const box of document.querySelectorAll(".lab-faults")) {
        box.replaceChildren(...entries.filter(one => one.about === box.dataset.about).map(one => {
          cards.set(one.fault, { ...makeCard(one), entry: one });
          return cards.get(one.fault).node;
        }));
      }
    }
    for (const card of cards.values()) setCard(card, card.entry);
  }

  /* --- under way -------------------------------------------------------------------------------- */
  function makeItem(one) {
    const node = make("li"), name = make("b"), machine = make("a", "", one.machine), text = make("span", "label"), clear = make("button", "button", "Clear");
    machine.href = "/machine/" + encodeURIComponent(one.machine);
    node.dataset.machine = one.machine;
    node.dataset.fault = one.fault;
    clear.type = "button";
    clear.setAttribute("aria-label", `Clear ${office.faultWords(one)} of ${one.machine}`);
    clear.addEventListener("click", () => send({ what: "clear", machine: one.machine, fault: one.fault, ...(one.signal ? { signal: one.signal } : {}) }, "clear"));
    const chip = make("span", "fault-chip");
    chip.append(office.faultSign(), name);
    office.say(name, office.faultWords(one));
    node.append(chip, machine, text, clear);
    return { node, text };
  }
  function drawOn() {
    const on = (office.plant.faults && office.plant.faults.on) || [], now = office.plant.board ? office.plant.board.now_ms : 0;
    const keys = new Set();
    for (const one of on) {
      const key = [one.machine, one.fault, one.signal, one.from_ms].join("\n");
      keys.add(key);
      if (!items.has(key)) items.set(key, makeItem(one));
      const item = items.get(key);
      office.say(item.text, `${one.words}; since ${office.clock(one.from_ms)} until ${office.clock(one.until_ms)}, ${office.duration(Math.max(0, one.until_ms - now))} of plant time left`);
      if (item.node.parentNode !== by("lab-on")) by("lab-on").append(item.node);
    }
    for (const [key, item] of items) if (!keys.has(key)) { item.node.remove(); items.delete(key); }
    by("lab-on-none").hidden = on.length > 0;
    const all = by("lab-clear-all");
    all.setAttribute("aria-disabled", String(!on.length));
  }
  document.addEventListener("click", event => {
    const all = event.target.closest("#lab-clear-all");
    if (all && all.getAttribute("aria-disabled") !== "true") send({ what: "clear" }, "all");
  });

  /* --- all of it -------------------------------------------------------------------------------- */
  /* Asked when a push says that there may be something new, and no more often than every few seconds. */
  async function ask() {
    const faults = office.plant.faults, now = faults ? `${faults.begun} ${faults.machines} ${faults.on.length}` : "none";
    if (asking || document.hidden || (now === known && Date.now() - asked_ms < BACK_MS)) return;
    asking = true;
    known = now;
    asked_ms = Date.now();
    try {
      const answer = await fetch("/api/faultlab?limit=" + (lab.all ? ALL : FIRST), { cache: "no-store" });
      if (answer.ok) lab.told = await answer.json();
      dispatchEvent(new CustomEvent("lab"));
    } catch (error) {
      // The mark on the page says that nothing answers; the next push asks again.
    } finally {
      asking = false;
    }
  }
  function draw() {
    const page = by("lab");
    if (!page || !office.plant.board) { root = page ? root : null; return; }
    if (page !== root) {
      root = page;
      for (const kept of [cards, items]) kept.clear();
      drawnOf = "";
      controls = makeControls(by("lab-choice"));
      controls.signal.addEventListener("change", draw);
    }
    setControls();
    drawOn();
    drawCatalogue();
  }
  function live() { if (!by("lab")) return; draw(); ask(); }
  for (const reason of ["live", "page"]) addEventListener(reason, live);
  for (const reason of ["lab", "address"]) addEventListener(reason, draw);
})();
