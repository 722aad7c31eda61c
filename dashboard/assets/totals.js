/* Utilization, uptime and coverage of a machine, a line, the plant or what is selected, each with its bar.
   Shares of several machines come from their summed time, never from averaged percentages. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const make = (name, className, text) => office.element(name, className, text);
  const NAMES = { utilization: "Utilization", uptime: "Uptime", coverage: "Coverage" };

  office.field = (parent, name, tag, className) => {
    const node = make(tag || "span", className);
    node.dataset.field = name;
    parent.append(node);
    return node;
  };
  office.metric = (parent, name, opens) => {
    const box = make("div", "metric"), head = make("div", "metric-head");
    head.append(make("span", "label", NAMES[name]));
    const value = office.field(head, name, opens ? "button" : "span", "number");
    if (opens) { value.type = "button"; value.dataset.explain = name; }
    const bar = make("div", "bar"), fill = make("i");
    bar.append(fill);
    box.append(head, bar);
    parent.append(box);
    return { box, value, bar, fill };
  };
  office.setMetric = (m, n, name, hint) => {
    const share = n[name], told = share !== null || !n.observed_ms;
    const low = n[name + "_low"], high = n[name + "_high"];
    office.say(m.value, name === "coverage" ? office.percent(share) : office.shareOrBounds(share, low, high, n.observed_ms));
    office.hint(m.box, hint);
    const left = told ? 0 : low || 0, width = told ? share || 0 : (high || 0) - left;
    m.bar.classList.toggle("bounds", !told);
    m.fill.style.left = left * 100 + "%";
    m.fill.style.width = Math.max(0, width) * 100 + "%";
  };
  office.totals = parent => Object.fromEntries(Object.keys(NAMES).map(name => [name, office.metric(parent, name, true)]));
  /* `of` says of what they are, so that the numbers open: {machine}, {line}, nothing for the plant, null where
     there is no such thing to open. */
  office.setTotals = (t, n, of, summed) => {
    for (const { value } of Object.values(t)) {
      value.disabled = of === null;
      for (const key of ["machine", "place"]) delete value.dataset[key];
      if (of && of.machine !== undefined) value.dataset.machine = of.machine;
      if (of && of.line !== undefined) value.dataset.place = of.line;
      Object.assign(value.dataset, { from: n.from_ms, to: n.to_ms });
    }
    const over = summed ? ", summed over machines" : "";
    office.setMetric(t.utilization, n, "utilization", office.utilizationHint(n) + over);
    office.setMetric(t.uptime, n, "uptime", office.uptimeHint(n) + over);
    office.setMetric(t.coverage, n, "coverage", office.coverageHint(n) + over);
  };
  /* The numbers of some machines that are no line: a share is weighed by what it is a share of. */
  office.summed = machines => {
    const rows = machines.map(machine => office.numbers(machine.values.shift)), n = {};
    const add = key => rows.reduce((sum, row) => sum + row[key], 0);
    for (const key of ["planned_ms", "observed_ms", "running_ms", "idle_ms", "stopped_ms", "down_ms", "setup_ms", "unknown_ms"]) n[key] = add(key);
    n.from_ms = Math.min(...rows.map(row => row.from_ms));
    n.to_ms = Math.max(...rows.map(row => row.to_ms));
    const weighed = (key, weight) => {
      const told = rows.filter(row => row[weight]);
      if (!told.length || told.some(row => row[key] === null)) return null;
      return told.reduce((sum, row) => sum + row[key] * row[weight], 0) / told.reduce((sum, row) => sum + row[weight], 0);
    };
    for (const key of ["utilization", "uptime"]) {
      n[key] = weighed(key, "observed_ms");
      for (const bound of ["_low", "_high"]) n[key + bound] = weighed(key + bound, "planned_ms");
    }
    n.coverage = weighed("coverage", "planned_ms");
    const counted = rows.filter(row => row.parts !== null);
    n.parts = counted.length ? counted.reduce((sum, row) => sum + row.parts, 0) : null;
    return n;
  };
})();
