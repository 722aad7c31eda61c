/* The scoreboard of the fault lab: what is known of each fault from the simulator beside what was measured.
   Where something cannot be said, a dash and the reason. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const make = (name, className, text) => office.element(name, className, text);
  const HEADS = ["Fault on demand", "Seen by measurement", "Called", "Running time lost", "Good parts lost", "Utilization, measured less true", "False calls"];
  const AGAINST = { "normal pace": "against its normal pace", twin: "against its twin" };
  const rows = new Map();
  let root = null, body = null;

  const plant = seconds => office.seconds(Math.round(seconds * 1000));
  const signed = (number, digits) => (number > 0 ? "+" : number < 0 ? "\u2212" : "") + office.decimal(Math.abs(number), digits);
  function cell(row, label) {
    const node = make("td"), value = make("span", "number"), made = make("span", "made");
    node.dataset.label = label;
    node.append(value, made);
    row.append(node);
    return { node, value, made };
  }
  function makeRow(fault) {
    const node = make("tr"), head = make("th"), chip = make("span", "fault-chip"), name = make("b"), machine = make("a", "", fault.machine), made = make("span", "made");
    head.scope = "row";
    chip.append(office.faultSign(), name);
    machine.href = "/machine/" + encodeURIComponent(fault.machine);
    head.append(chip, machine, made);
    node.append(head);
    return { node, name, made, cells: HEADS.slice(1).map(label => cell(node, label)) };
  }
  function say({ value, made }, text, words) {
    office.say(value, text === null ? office.NONE : text);
    office.say(made, words || "");
  }
  function setRow(row, one) {
    const why = one.why, [seen, called, lost, parts, error, wrong] = row.cells;
    office.say(row.name, one.signal ? `${one.title} of ${one.signal}` : one.title);
    const until = office.clock(Date.parse(one.until));
    office.say(row.made, `since ${office.clock(Date.parse(one.from))}, ${one.under_way ? "until " + until : "over at " + until}; ${one.severity_words}`);
    say(seen, one.seen_s === null ? null : `${office.decimal(one.seen_s, 1)} s`,
      one.seen_as ? `${plant(one.seen_plant_s)} of plant time: ${one.seen_as}` : why.seen);
    say(called, one.called_plant_s === null ? null : plant(one.called_plant_s), one.called_rule ? `of plant time; rule ${one.called_rule}` : why.called);
    say(lost, one.lost_s === null ? null : `${signed(one.lost_s / 60, 1)} min`,
      one.lost_s === null ? why.lost : `of ${plant(one.lost_of_s)} planned, ${AGAINST[one.lost_against]}`);
    say(parts, one.lost_parts === null ? null : signed(one.lost_parts, 1), one.lost_parts === null ? why.lost_parts : AGAINST[one.lost_against]);
    const points = one.utilization_error_points;
    say(error, points === null ? null : `${signed(points, 1)} points`, points === null ? why.error : boundsOf(one));
    error.node.classList.toggle("bad", one.bounds_hold === false);
    say(wrong, one.false_calls === null ? null : office.count(one.false_calls), one.false_calls === null ? why.false_calls : "for a machine that ran");
  }
  function boundsOf(one) {
    if (one.bounds_hold === null || one.utilization_error_low_points === null) return "without bounds";
    const low = signed(one.utilization_error_low_points, 1), high = signed(one.utilization_error_high_points, 1);
    return `bounds ${low} to ${high}: ${one.bounds_hold ? "they hold the truth" : "the truth lies outside"}`;
  }
  function mount(box) {
    const table = make("table", "buckets lab-scores"), head = make("thead"), line = make("tr");
    for (const text of HEADS) { const node = make("th", "", text); node.scope = "col"; line.append(node); }
    head.append(line);
    body = make("tbody");
    table.append(make("caption", "unseen", "Faults on demand of this run, the newest first"), head, body);
    box.replaceChildren(table);
    rows.clear();
  }
  function draw() {
    const box = document.getElementById("lab-scores"), told = office.lab && office.lab.told;
    if (!box || !told) { root = null; return; }
    if (box !== root) { root = box; mount(box); }
    const faults = told.faults;
    box.hidden = !faults.length;
    office.say(document.getElementById("lab-scores-words"), !faults.length ? "none was begun in this run" :
      told.begun > faults.length ? `the newest ${faults.length} of ${told.begun}` : "newest first");
    const more = document.getElementById("lab-more");
    more.hidden = !office.lab.all && told.begun <= faults.length;
    office.say(more, office.lab.all ? "Show the newest" : `Show all ${told.begun}`);
    const keys = faults.map(one => [one.machine, one.fault, one.signal, one.from].join("\n"));
    for (const [key, row] of rows) if (!keys.includes(key)) { row.node.remove(); rows.delete(key); }
    faults.forEach((one, i) => {
      if (!rows.has(keys[i])) rows.set(keys[i], makeRow(one));
      const row = rows.get(keys[i]);
      setRow(row, one);
      if (body.children[i] !== row.node) body.insertBefore(row.node, body.children[i] || null);
    });
  }
  document.addEventListener("click", event => {
    if (!event.target.closest("#lab-more")) return;
    office.lab.all = !office.lab.all;
    office.lab.ask();
  });
  for (const reason of ["lab", "page"]) addEventListener(reason, draw);
})();
