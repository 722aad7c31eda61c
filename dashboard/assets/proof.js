/* The proof page: what was measured beside what really happened, and the bench of known answers.
   It asks `/api/proof` when a window is chosen, and again while the window goes on. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const AGAIN_MS = 10000, LISTED = 15;
  const KPIS = { utilization: "Utilization", uptime: "Uptime", performance: "Performance", quality: "Quality", oee: "OEE", parts: "Parts" };
  const REASONS = ["unexplained", "lost link", "late join", "learning", "sampling", "cannot tell", "no truth"];
  let root = null, query = { window: "shift" }, kpi = "utilization", order = "worst", chosen = null;
  let answer = null, detail = null, asking = 0, asked = 0, drawing = false, failed = "";

  const differs = row => row.kpis.find(one => one.kpi === kpi) || null;
  const at = text => Date.parse(text);
  const share = (value, name) => value === null || value === undefined ? office.NONE : name === "parts" ? office.count(value) : office.decimal(value * 100, 2) + " %";
  function gap(value, name) {
    if (value === null || value === undefined) return office.NONE;
    const shown = name === "parts" ? value : value * 100, digits = name === "parts" ? 0 : 2;
    if (!value) return "0";
    const size = Math.abs(shown), some = Number(size.toFixed(digits));
    return (some ? (value < 0 ? "−" : "+") : "±") + office.decimal(size, digits) + (name === "parts" ? "" : " pts");
  }

  /* --- asking ------------------------------------------------------------------------------------------ */
  const live = () => query.window !== "last" && !query.to;
  async function ask(machine) {
    /* One machine is asked for the window of the table, so that both show the same numbers. */
    const asking = machine && answer ? { run: answer.run, from: answer.from, to: answer.to, machine } : query;
    const said = await fetch("/api/proof?" + new URLSearchParams(asking), { cache: "no-store" });
    const body = await said.json();
    if (!said.ok) throw new Error(body.error || String(said.status));
    return body;
  }
  async function refresh() {
    const mine = ++asking;
    asked = Date.now();
    try {
      const all = await ask(null);
      if (mine !== asking) return;
      answer = all;
      failed = "";
      if (chosen !== null && !all.machines.some(row => row.machine === chosen)) chosen = null;
      const one = chosen === null ? null : await ask(chosen);
      if (mine !== asking) return;
      detail = one;
    } catch (error) {
      if (mine !== asking) return;
      failed = error instanceof TypeError ? "The dashboard does not answer; what is shown is the last answer." : String(error.message);
    }
    draw();
  }
  /* Window, KPI and machine are those of the address. */
  function addressed() {
    const from = office.address.get("from"), to = office.address.get("to");
    return from || to ? { ...(from ? { from } : {}), ...(to ? { to } : {}) } : { window: office.chosen("window") };
  }
  function choose() {
    const next = addressed(), of = office.address.get("machine") || null, word = office.address.get("kpi");
    kpi = word in KPIS ? word : "utilization";
    const other = JSON.stringify(next) !== JSON.stringify(query);
    query = next;
    if (other) {
      answer = detail = null;
      for (const id of ["proof-from", "proof-to"]) delete by(id).firstChild.dataset.typed;
    }
    if (other || !answer) { chosen = of; draw(); refresh(); }
    else if (of !== chosen && (of === null || answer.machines.some(row => row.machine === of))) select(of);
    else draw();
  }

  /* --- mounting ---------------------------------------------------------------------------------------- */
  function mount(page) {
    root = page;
    answer = detail = chosen = null;
    query = {};
    for (const id of ["proof-from", "proof-to"]) {
      const field = make("input");
      field.type = "datetime-local";
      field.step = "0.001";
      field.addEventListener("input", () => { field.dataset.typed = "yes"; });
      by(id).replaceChildren(field);
    }
    by("proof-range").addEventListener("submit", event => { event.preventDefault(); range(); });
    for (const [name, word] of Object.entries(KPIS)) {
      const button = make("button", "", word);
      button.type = "button";
      button.dataset.kpi = name;
      button.addEventListener("click", () => office.address.choose({ kpi: name === "utilization" ? "" : name }));
      by("proof-kpis").append(button);
    }
    by("bench-switch").addEventListener("click", flip);
    choose();
  }
  function range() {
    const from = by("proof-from").firstChild.value, to = by("proof-to").firstChild.value;
    office.address.choose({ window: "", from: from && new Date(instant(from)).toISOString(), to: to && new Date(instant(to)).toISOString() });
  }
  /* A local time of the plant as a moment; where the clock is set back, the first of the two. */
  function instant(local) {
    const wanted = Date.parse(local + "Z");
    const early = wanted - office.zoneOffset(wanted - 12 * office.HOUR), late = wanted - office.zoneOffset(wanted + 12 * office.HOUR);
    const fits = ms => ms + office.zoneOffset(ms) === wanted;
    return fits(Math.min(early, late)) ? Math.min(early, late) : Math.max(early, late);
  }
  const local = ms => new Date(ms + office.zoneOffset(ms)).toISOString().slice(0, -1);

  /* --- the table ----------------------------------------------------------------------------------------- */
  function chips(reasons, before) {
    const list = make("ul", "chips");
    for (const name of REASONS) {
      const { s } = reasons[name] || { s: 0 };
      if (!s && (name !== "unexplained" || !before)) continue;
      const item = make("li", "chip", `${name} ${office.exactly(Math.round(s * 1000))}`);
      item.dataset.reason = name;
      if (name === "unexplained" && s) item.classList.add("bad");
      item.title = answer.reasons[name];
      list.append(item);
    }
    if (!list.children.length) list.append(make("li", "chip none", "none"));
    return list;
  }
  function cell(row, label, text, className) {
    const node = make("td", className || "", text);
    node.dataset.label = label;
    row.append(node);
    return node;
  }
  function contained(one) {
    if (!one || one.contained === null) return [office.NONE, "no bounds, or nothing to hold against them"];
    return one.contained ? ["yes", `true lies within ${share(one.low, one.kpi)} to ${share(one.high, one.kpi)}`] :
      ["no", `true lies outside ${share(one.low, one.kpi)} to ${share(one.high, one.kpi)}`];
  }
  const size = row => { const one = differs(row); return one && one.difference !== null ? Math.abs(one.difference) : -1; };
  const ORDERS = {
    worst: (a, b) => b.reasons.unexplained.s - a.reasons.unexplained.s || size(b) - size(a) || a.machine.localeCompare(b.machine, undefined, { numeric: true }),
    machine: (a, b) => a.machine.localeCompare(b.machine, undefined, { numeric: true }),
  };
  function drawTable() {
    const there = new Set(answer.machines.flatMap(row => row.kpis.map(one => one.kpi)));
    for (const button of by("proof-kpis").children) {
      button.hidden = there.size > 0 && !there.has(button.dataset.kpi);
      button.setAttribute("aria-pressed", String(button.dataset.kpi === kpi));
    }
    const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.key : null;
    const table = make("table", "proofs"), head = make("thead"), titles = make("tr"), body = make("tbody");
    for (const [title, key] of [["Machine", "machine"], ["Measured"], ["True"], ["Difference", "worst"], ["Bounds hold"], ["Reasons, in planned time"]]) {
      const column = make("th");
      column.scope = "col";
      if (key) {
        const sort = make("button", "sort", title);
        sort.type = "button";
        sort.dataset.key = "sort " + key;
        sort.title = key === "worst" ? "worst first" : "by name";
        sort.addEventListener("click", () => { order = key; drawTable(); });
        column.setAttribute("aria-sort", order === key ? (key === "worst" ? "descending" : "ascending") : "none");
        column.append(sort);
      } else column.textContent = title;
      titles.append(column);
    }
    head.append(titles);
    for (const row of [...answer.machines].sort(ORDERS[order])) {
      const line = make("tr"), name = make("th"), open = make("button", "opens", row.machine), one = differs(row);
      name.scope = "row";
      open.type = "button";
      open.dataset.key = "machine " + row.machine;
      open.setAttribute("aria-expanded", String(chosen === row.machine));
      open.setAttribute("aria-controls", "proof-detail");
      open.title = "Both timelines of " + row.machine;
      open.addEventListener("click", () => office.address.choose({ machine: chosen === row.machine ? "" : row.machine }));
      name.append(open);
      line.append(name);
      line.classList.toggle("chosen", chosen === row.machine);
      if (!row.told) {
        const why = cell(line, "", row.simulated ? "nobody told the truth in this window" : "a real machine: nobody knows the truth", "without");
        why.colSpan = 5;
      } else {
        cell(line, "Measured", told(one), "figure");
        cell(line, "True", share(one && one.true, kpi), "figure");
        const difference = cell(line, "Difference", gap(one && one.difference, kpi), "figure");
        if (one && one.measured === null) difference.title = "what was measured has bounds only";
        const [word, hint] = contained(one);
        const held = cell(line, "Bounds hold", word);
        held.title = hint;
        held.classList.toggle("bad", word === "no");
        cell(line, "Reasons", "").append(row.exact ? exactly() : chips(row.reasons, true));
      }
      body.append(line);
    }
    office.say(by("proof-of"), by("proof-of").dataset[kpi] || "");
    table.append(make("caption", "unseen", `${KPIS[kpi]}, measured and true, of every machine`), head, body);
    by("proof-table").replaceChildren(answer.machines.length ? table : make("p", "label", "No machine has been heard of in this window."));
    const back = focused && by("proof-table").querySelector(`[data-key="${CSS.escape(focused)}"]`);
    if (back) back.focus({ preventScroll: true });
  }
  function told(one) {
    if (!one) return office.NONE;
    if (one.measured !== null || one.low === null) return share(one.measured, one.kpi);
    return `${office.decimal(one.low * 100, 0)}–${office.decimal(one.high * 100, 0)} %`;
  }
  function exactly() {
    const list = make("ul", "chips"), item = make("li", "chip same", "the same in every millisecond");
    list.append(item);
    return list;
  }
  async function select(machine) {
    chosen = machine;
    detail = null;
    draw();
    if (chosen === null) return;
    try {
      const one = await ask(machine);
      if (chosen === machine) detail = one;
    } catch (error) { failed = String(error.message); }
    draw();
    if (detail) by("proof-detail").scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  /* --- one machine ----------------------------------------------------------------------------------------- */
  const pieces = (strip, until) => Object.assign(strip.map(one => [at(one.start), Math.max(0, office.plant.states.indexOf(one.state))]), { end: at(until) });
  const views = {};
  function strips(row) {
    const box = by("proof-strips");
    if (!box.children.length) {
      for (const [key, word] of [["axis", ""], ["measured", "measured"], ["true", "true"], ["marks", "differs"]]) {
        const line = make("div", "strip-line"), canvas = make("canvas", key === "axis" ? "axis" : key === "marks" ? "strip marks" : "strip");
        line.append(make("span", "label", word), canvas);
        box.append(line);
        views[key] = { canvas, view: { strip: Object.assign([], { end: 0 }), from: 0, to: 1, now: 0 } };
        if (key === "measured" || key === "true") {
          canvas.tabIndex = 0;
          canvas.setAttribute("role", "img");
          office.strip.explain(canvas, () => views[key].view);
        } else canvas.setAttribute("aria-hidden", "true");
      }
    }
    const from = at(detail.from), to = at(detail.to);
    office.strip.axis(views.axis.canvas, from, to, -1);
    for (const key of ["measured", "true"]) {
      const { canvas, view } = views[key];
      Object.assign(view, { strip: pieces(row[key], row.until), from, to, now: -1 });
      canvas.setAttribute("aria-label", `${row.machine}, ${key}. Arrow keys read the intervals.`);
      office.strip.draw(canvas, view.strip, from, to, -1);
    }
    marks(views.marks.canvas, row.differences.shown, from, to);
  }
  const HARD = new Set(["sampling", "lost link", "late join", "learning", "unexplained"]);
  function marks(canvas, found, from, to) {
    if (!canvas.clientWidth || to <= from) return;
    const ratio = window.devicePixelRatio || 1, style = getComputedStyle(document.documentElement);
    canvas.width = Math.round(canvas.clientWidth * ratio);
    canvas.height = Math.round(canvas.clientHeight * ratio);
    const pen = canvas.getContext("2d"), scale = canvas.width / (to - from);
    for (const hard of [false, true]) {
      pen.fillStyle = style.getPropertyValue(hard ? "--down" : "--stopped").trim();
      for (const one of found) {
        if (HARD.has(one.reason) !== hard) continue;
        const x = Math.floor((at(one.start) - from) * scale), width = Math.max(ratio, Math.ceil((at(one.end) - at(one.start)) * scale));
        pen.fillRect(x, hard ? 0 : canvas.height / 2, width, hard ? canvas.height : canvas.height / 2);
      }
    }
  }
  function table(caption, columns, rows) {
    const box = make("table", "buckets"), head = make("thead"), titles = make("tr"), body = make("tbody");
    for (const column of columns) { const title = make("th", "", column); title.scope = "col"; titles.append(title); }
    head.append(titles);
    for (const [first, ...rest] of rows) {
      const line = make("tr"), name = make("th", "", first);
      name.scope = "row";
      line.append(name, ...rest.map(text => make("td", "", text)));
      body.append(line);
    }
    box.append(make("caption", "top", caption), head, body);
    return box;
  }
  function drawDetail() {
    const panel = by("proof-detail"), row = detail && detail.machines[0];
    panel.hidden = chosen === null;
    if (chosen === null) return;
    office.say(by("proof-machine"), chosen);
    if (!row) return;
    strips(row);
    by("proof-numbers").replaceChildren(row.told ? table("Every KPI", ["KPI", "measured", "true", "difference", "bounds hold"], row.kpis.map(one =>
      [KPIS[one.kpi] || one.kpi, told(one), share(one.true, one.kpi), gap(one.difference, one.kpi), contained(one)[0]])) :
      make("p", "label", "Nobody told what really happened to it, so there is nothing to compare."));
    const sums = Object.entries(row.reasons), total = sums.reduce((sum, [, one]) => sum + Math.round(one.s * 1000), 0);
    const signed = s => (s < 0 ? "−" : s > 0 ? "+" : "") + office.exactly(Math.abs(Math.round(s * 1000)));
    const list = table("Where planned time agrees, and why not", ["", "time", "true less measured running"],
      [...sums.filter(([name, one]) => one.s || name === "same" || name === "unexplained").map(([name, one]) => [name, office.exactly(Math.round(one.s * 1000)), signed(one.running_s)]),
        ["all planned time", office.exactly(total), signed(sums.reduce((sum, [, one]) => sum + Math.round(one.running_s * 1000), 0) / 1000)]]);
    list.querySelectorAll("tbody tr").forEach((line, i, all) => {
      const name = line.firstChild.textContent;
      line.title = detail.reasons[name] || "";
      line.classList.toggle("total", i === all.length - 1);
    });
    by("proof-reasons").replaceChildren(list);
    const found = [...row.differences.shown].sort((a, b) => HARD.has(b.reason) - HARD.has(a.reason) || (at(b.end) - at(b.start)) - (at(a.end) - at(a.start)));
    by("proof-differences").replaceChildren(...(found.length ? [table(
      `The longest of ${office.count(row.differences.total)} stretches that differ`, ["from", "for", "measured", "true", "reason"],
      found.slice(0, LISTED).map(one => [precise(at(one.start)), office.exactly(at(one.end) - at(one.start)), one.measured, one.true, one.reason]))] : []));
  }
  const precise = ms => office.clock(ms) + "." + String(ms % 1000).padStart(3, "0");

  /* --- the bench ---------------------------------------------------------------------------------------------- */
  const onBench = () => [...office.plant.machines.values()].filter(machine => machine.values.path === "bench" || String(machine.values.path).startsWith("bench/"));
  let flipping = false, benchKey = "";
  async function flip() {
    if (flipping) return;
    flipping = true;
    const on = by("bench-switch").getAttribute("aria-checked") !== "true";
    office.say(by("bench-said"), on ? "Putting up the bench." : "Taking the bench away.");
    const said = await office.command({ what: "bench", on });
    flipping = false;
    if (by("bench-said")) office.said(by("bench-said"), said, "");
    if (said.ok) setTimeout(refresh, 1500);
  }
  const READ = { micro_stops_per_h: "micro-stops an hour", stops_per_h: "stops an hour", parts_per_h: "parts an hour", utilization: "utilization", uptime: "uptime", performance: "performance", quality: "quality", oee: "OEE", coverage: "coverage" };
  function known(kpi, value) {
    if (value === null || value === undefined) return office.NONE;
    if (kpi.endsWith("_s")) return office.exactly(Math.round(value * 1000));
    if (kpi.endsWith("_per_h") || ["parts", "good", "rejects", "stops", "micro_stops", "failures", "target_parts"].includes(kpi)) return office.count(Math.round(value * 1000) / 1000);
    return (Math.round(value * 1e6) / 1e4) + " %";
  }
  function drawBench() {
    const button = by("bench-switch"), on = onBench().length > 0;
    if (button.getAttribute("aria-checked") !== String(on)) button.setAttribute("aria-checked", String(on));
    office.say(button.lastChild, on ? "on" : "off");
    const rows = answer ? answer.machines.filter(row => row.bench) : [];
    const key = JSON.stringify([on, rows.map(row => [row.machine, row.bench])]);
    if (key === benchKey && by("bench-table").children.length) return;
    benchKey = key;
    if (!rows.length) {
      by("bench-table").replaceChildren(make("p", "label", on ? "Its machines have just come." : ""));
      return;
    }
    if (!rows.some(row => row.bench.answers.length)) {
      by("bench-table").replaceChildren(make("p", "label", `${rows.length} machines stand on it. Their answers hold for whole hours, and there is none in this window yet.`));
      return;
    }
    const box = make("table", "buckets bench"), head = make("thead"), titles = make("tr"), body = make("tbody");
    for (const title of ["machine", "number", "known answer", "measured", "equal?"]) { const one = make("th", "", title); one.scope = "col"; titles.append(one); }
    head.append(titles);
    for (const row of rows) {
      const many = row.bench.answers;
      if (!many.length) {
        const line = make("tr"), name = make("th", "", row.machine), wait = make("td", "wait", "no whole hour in this window yet");
        name.scope = "row";
        wait.colSpan = 4;
        line.append(name, wait);
        body.append(line);
      }
      many.forEach((one, i) => {
        const line = make("tr");
        if (!i) {
          const name = make("th", "", row.machine);
          name.scope = "rowgroup";
          name.rowSpan = many.length;
          line.append(name);
        }
        const word = one.equal ? "equal" : one.contained ? "within its bounds" : "no";
        cell(line, "number", READ[one.kpi] || one.kpi.replace(/_s$/, "").replace(/_/g, " "));
        cell(line, "known answer", known(one.kpi, one.known));
        cell(line, "measured", known(one.kpi, one.measured));
        cell(line, "equal?", word, one.contained ? "good" : "bad");
        body.append(line);
      });
    }
    const hours = rows.find(row => row.bench.answers.length);
    box.append(make("caption", "", hours ? `whole hours from ${office.time(at(hours.bench.from))} to ${office.time(at(hours.bench.to))}` : ""), head, body);
    by("bench-table").replaceChildren(box);
  }

  /* --- drawing -------------------------------------------------------------------------------------------------- */
  function draw() {
    drawing = false;
    const page = by("proof");
    if (!page) { root = null; return; }
    if (page !== root) mount(page);
    const summary = by("proof-summary");
    if (failed) office.say(summary, failed[0].toUpperCase() + failed.slice(1));
    else if (!answer) office.say(summary, "Comparing.");
    else office.say(summary, `${answer.summary} Unexplained: ${office.exactly(Math.round(answer.unexplained_s * 1000))}.`);
    by("proof-verdict").dataset.verdict = failed || !answer ? "" : answer.unexplained_s ? "differs" : answer.machines.some(row => row.told) ? "agrees" : "";
    if (answer) {
      const from = at(answer.from), to = at(answer.to);
      office.say(by("proof-window-words"), `${office.date(from)}, ${precise(from)} to ${office.date(to) === office.date(from) ? "" : office.date(to) + ", "}${precise(to)}`);
      for (const [id, ms] of [["proof-from", from], ["proof-to", to]]) {
        const field = by(id).firstChild;
        if (field && document.activeElement !== field && !field.dataset.typed) field.value = local(ms);
      }
      if (from < to) dispatchEvent(new CustomEvent("proven", { detail: { run: answer.run, from: answer.from, to: answer.to } }));
      drawTable();
      drawDetail();
    } else {
      by("proof-detail").hidden = true;
      by("proof-table").replaceChildren();
    }
    drawBench();
  }
  addEventListener("address", () => { if (by("proof") && root) choose(); });
  const later = () => { if (!drawing) { drawing = true; requestAnimationFrame(draw); } };
  addEventListener("live", () => {
    if (!by("proof")) { root = null; return; }
    if (!root) later();
    else {
      drawBench();
      if (live() && Date.now() - asked > AGAIN_MS) refresh();
    }
  });
  for (const reason of ["theme", "resize", "page"]) addEventListener(reason, () => { if (by("proof")) later(); });
})();
