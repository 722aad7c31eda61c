/* Which machine takes parts from which, who waits for whom, and who holds them all up. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const WAITS = /^(starved|blocked) by (.+)$/;

  /* Of a machine that stands because of another one: how and by whom. */
  office.waitsFor = values => {
    const found = values.state === "running" || values.state === "unknown" ? null : WAITS.exec(values.cause || "");
    return found ? { how: found[1], by: found[2] } : null;
  };
  /* The machine at the end of the chain: that one stands for a reason of its own. Machines that wait for each
     other in a ring have no such end. */
  office.heldUpBy = values => {
    const asked = new Set([values.name]);
    let at = office.waitsFor(values);
    while (at) {
      const next = office.plant.machines.get(at.by), further = next ? office.waitsFor(next.values) : null;
      if (!further) return at.by;
      if (asked.has(at.by)) return "";
      asked.add(at.by);
      at = further;
    }
    return "";
  };
  /* In one sentence: "waits for mill-1", and who is first to blame where that is another one. */
  office.waitWords = values => {
    const waits = office.waitsFor(values);
    if (!waits) return null;
    const root = office.heldUpBy(values), chief = office.plant.machines.get(root);
    const why = chief && root !== waits.by ? `, held up by ${root}` : "";
    return { how: waits.how, by: waits.by, root, words: waits.how === "starved" ? "waits for " : "blocked by ", why };
  };
  /* Who holds up whom among some machines, root by root; so many of them by name. */
  office.heldWords = (members, most = Infinity) => {
    const held = new Map();
    for (const { values } of members) {
      const root = office.heldUpBy(values);
      if (root) held.set(root, [...(held.get(root) || []), values.name]);
    }
    return [...held].map(([root, names]) => {
      const chief = office.plant.machines.get(root), stands = chief && chief.values.state !== "running";
      const why = stands ? `, ${chief.values.state}${chief.values.cause ? ": " + chief.values.cause : ""},` : "";
      const others = names.length > most ? ` and ${names.length - most} more` : "";
      return `${root}${why} holds up ${names.slice(0, most).join(", ")}${others}`;
    }).join("; ");
  };
  const byName = (a, b) => a.values.name.localeCompare(b.values.name, undefined, { numeric: true });
  /* The machines of one line as the parts flow: each behind the one that it takes them from. */
  office.inFlow = machines => {
    const names = new Set(machines.map(machine => machine.values.name)), next = new Map(), ordered = [], seen = new Set();
    const heads = [];
    for (const machine of [...machines].sort(byName)) {
      const { after } = machine.values;
      if (!after || !names.has(after) || after === machine.values.name) heads.push(machine);
      else next.set(after, [...(next.get(after) || []), machine]);
    }
    const walk = machine => {
      if (seen.has(machine)) return;
      seen.add(machine);
      ordered.push(machine);
      (next.get(machine.values.name) || []).forEach(walk);
    };
    heads.forEach(walk);
    [...machines].sort(byName).forEach(walk);
    return ordered;
  };
  /* All machines: line by line, those outside every line last. */
  office.byLine = machines => {
    const lines = new Map();
    for (const machine of machines) {
      const { path } = machine.values;
      if (!lines.has(path)) lines.set(path, []);
      lines.get(path).push(machine);
    }
    const paths = [...lines.keys()].sort((a, b) => (a === "") - (b === "") || a.localeCompare(b));
    return new Map(paths.map(path => [path, office.inFlow(lines.get(path))]));
  };
})();
