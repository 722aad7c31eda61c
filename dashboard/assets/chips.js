/* Chips: the faults on demand that are under way, on each machine's tile and on its own page. They come from
   the simulator's word, never from measurement, and lead to the fault lab. Tiles belong to others: a chip
   row is put into a tile whenever it is not there, and nothing else of a tile is touched. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const FLASK = "M6 1h4v1.400H9.400v3.500l4 6.600A1.300 1.300 0 0 1 12.300 15H3.700a1.300 1.300 0 0 1-1.100-2.500l4-6.600V2.400H6z";
  const rows = new Map();
  let root = null;

  /* The sign of a fault on demand: a flask, which no state has. */
  office.faultSign = () => {
    const node = office.svg("svg", { viewBox: "0 0 16 16", class: "sign", "aria-hidden": "true" });
    node.append(office.svg("path", { d: FLASK }));
    return node;
  };
  office.faultsOf = machine => ((office.plant.faults && office.plant.faults.on) || []).filter(one => one.machine === machine);
  office.faultWords = one => (one.signal ? `${one.title} of ${one.signal}` : one.title);
  office.labAddress = machine => "/lab?machine=" + encodeURIComponent(machine);

  /* Sets what a chip says; it is hidden where nothing is broken. */
  function setChip(chip, machine, faults) {
    chip.node.hidden = !faults.length;
    if (!faults.length) return;
    const newest = office.faultWords(faults[faults.length - 1]);
    office.say(chip.words, newest);
    chip.more.hidden = faults.length === 1;
    office.say(chip.more, `+${faults.length - 1}`);
    chip.node.dataset.faults = faults.map(one => one.fault).join(" ");
    const each = faults.map(one => `${office.faultWords(one)} until ${office.clock(one.until_ms)}`).join("; ");
    office.hint(chip.node, `On demand, known from the simulator and not found by measurement: ${each}`);
    const href = office.labAddress(machine);
    if (chip.node.getAttribute("href") !== href) chip.node.href = href;
  }
  function makeChip() {
    const node = office.element("a", "fault-chip"), words = office.element("span", "fault-name"), more = office.element("span", "fault-more");
    node.append(office.faultSign(), office.element("span", "unseen", "Fault on demand:"), words, more);
    /* A click on a tile shows its machine alone: the chip's own click must not do that. */
    node.addEventListener("click", event => event.stopPropagation());
    return { node, words, more };
  }
  function setTile(tile) {
    const machine = tile.dataset.machine, faults = office.faultsOf(machine);
    let row = rows.get(machine);
    if (!row && !faults.length) return;
    if (!row) {
      row = { node: office.element("div", "fault-chips"), chip: makeChip() };
      row.node.append(row.chip.node);
      rows.set(machine, row);
    }
    if (row.node.parentNode !== tile) {
      const state = tile.querySelector(":scope > .tile-body");
      if (state) state.after(row.node); else tile.append(row.node);
    }
    row.node.hidden = !faults.length;
    setChip(row.chip, machine, faults);
  }
  function setMachine(box) {
    const machine = office.machineShown();
    if (!box || machine === null) return;
    if (!box.firstChild) { const chip = makeChip(); box.append(chip.node); box.chip = chip; }
    setChip(box.chip, machine, office.faultsOf(machine));
  }
  function draw() {
    const floor = document.querySelector("main");
    if (floor !== root) { root = floor; rows.clear(); }
    for (const tile of document.querySelectorAll(".tile[data-machine]")) setTile(tile);
    setMachine(document.getElementById("machine-faults"));
  }
  let asked = false;
  /* After the tiles: whoever asked for a frame before draws before. */
  function ask() { if (!asked) { asked = true; requestAnimationFrame(() => requestAnimationFrame(() => { asked = false; draw(); })); } }
  for (const reason of ["live", "page"]) addEventListener(reason, ask);
})();
