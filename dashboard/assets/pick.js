/* What the reader has selected on the floor: one machine, one line or one state; it stands in the address.
   Everything but the tiles shows nothing else then, and the tiles that are not meant step back. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const KINDS = ["machine", "line", "state"];
  /* The line of machines outside every line: an empty value would stand in no address. */
  const OUTSIDE = ".";

  office.picked = () => {
    if (!by("floor")) return null;
    for (const kind of KINDS) {
      const value = office.address.get(kind);
      if (value) return { kind, value: kind === "line" && value === OUTSIDE ? "" : value };
    }
    return null;
  };
  office.isPicked = (values, picked = office.picked()) => !picked || values[{ machine: "name", line: "path", state: "state" }[picked.kind]] === picked.value;
  /* Whether something that is told of a machine by its name is meant. */
  office.isPickedName = name => {
    const picked = office.picked(), machine = office.plant.machines.get(name);
    return !picked || (machine ? office.isPicked(machine.values, picked) : picked.kind === "machine" && picked.value === name);
  };
  /* Selects, or shows everything again when that is selected already. */
  office.pick = (kind, value) => {
    const picked = office.picked(), same = picked && picked.kind === kind && picked.value === value;
    const none = Object.fromEntries(KINDS.map(one => [one, ""]));
    office.address.choose(same ? none : { ...none, [kind]: kind === "line" && value === "" ? OUTSIDE : value });
  };
  office.pickedWords = (picked, machines) => {
    if (picked.kind === "machine") return picked.value;
    const count = machines.length === 1 ? "1 machine" : `${office.count(machines.length)} machines`;
    return picked.kind === "line" ? `${picked.value || "outside every line"}, ${count}` : `${count} ${picked.value}`;
  };
  function bar() {
    const box = by("picked"), picked = office.picked();
    if (!box || !office.plant.board) return;
    box.hidden = !picked;
    if (!picked) return;
    const machines = [...office.plant.machines.values()].filter(machine => machine.values.shift && office.isPicked(machine.values, picked));
    const none = !machines.length && picked.kind !== "state";
    office.say(by("picked-words"), none ? `There is no ${picked.kind} named ${picked.value} here` : office.pickedWords(picked, machines));
    office.say(by("picked-label"), none ? "" : "Shown alone: ");
    const open = by("picked-open");
    open.hidden = picked.kind !== "machine" || none;
    open.href = "/machine/" + encodeURIComponent(picked.value);
    office.say(open, `Open ${picked.value}`);
  }
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-pick]");
    if (button) return office.pick(button.dataset.pick, button.dataset.picks);
    if (event.target.closest("#picked-none")) { const picked = office.picked(); if (picked) office.pick(picked.kind, picked.value); }
    /* A click on a tile selects it, unless it was meant for something in it, or for text. */
    const tile = event.target.closest("#floor .tile");
    if (tile && !event.target.closest("a, button, [tabindex]") && !String(getSelection())) office.pick("machine", tile.dataset.machine);
  });
  addEventListener("keydown", event => {
    const picked = event.key === "Escape" && !document.querySelector("dialog[open]") ? office.picked() : null;
    if (picked) office.pick(picked.kind, picked.value);
  });
  for (const reason of ["live", "address", "page"]) addEventListener(reason, bar);
})();
