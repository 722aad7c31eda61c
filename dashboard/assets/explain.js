/* Every number opens: formula, numerator and denominator in time, the intervals behind it, what is not
   accounted for, and what the neighbouring definitions say. Anything with `data-explain` is such a number;
   `data-machine` or `data-place`, a line, and `data-from`, `data-to` say of what and when. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const make = (name, className, text) => office.element(name, className, text);
  const CAPITAL = text => text ? text[0].toUpperCase() + text.slice(1) : text;

  /* A value in one of the units of the API: fraction, s, parts or count. */
  function value(unit, number) {
    if (number === null || number === undefined) return office.NONE;
    if (unit === "s") return office.exactly(Math.round(number * 1000));
    if (unit === "fraction") return office.decimal(number * 100, 2) + " %";
    return office.count(Math.round(number * 1000) / 1000);
  }
  const moment = text => { const ms = Date.parse(text); return office.date(ms) + ", " + office.clock(ms) + (ms % 1000 ? "." + String(ms % 1000).padStart(3, "0") : ""); };
  const clock = text => { const ms = Date.parse(text); return office.clock(ms) + (ms % 1000 ? "." + String(ms % 1000).padStart(3, "0") : ""); };

  async function open(number) {
    const { explain: kpi, machine, place: line, from, to } = number.dataset;
    const word = CAPITAL((number.dataset.word || kpi).replace(/_s$/, "").replace(/_/g, " "));
    const { box, body } = office.dialog(word, "explain");
    const title = box.querySelector("h2");
    body.append(make("p", "label", "Working it out."));
    const asked = { kpi, from: new Date(Number(from)).toISOString(), to: new Date(Number(to)).toISOString() };
    if (machine) asked.machine = machine;
    if (line !== undefined) asked.line = line;
    if (office.plant.board) asked.run = office.plant.board.run;
    try {
      const answer = await fetch("/api/kpis/explain?" + new URLSearchParams(asked), { cache: "no-store" });
      const said = await answer.json();
      if (!answer.ok) throw new Error(said.error || String(answer.status));
      office.say(title, `${CAPITAL(said.word || word)} of ${machine || (line !== undefined ? line || "machines outside every line" : "the plant")}`);
      body.replaceChildren(...panel(said));
    } catch (error) {
      body.replaceChildren(make("p", "", error instanceof TypeError ? "The dashboard does not answer." : "It cannot be said just now: " + error.message));
    }
  }
  /* What cannot be told to the digit is shown as on the page: by its bounds. */
  const found = said => (said.value === null || said.value === undefined) && typeof said.low === "number" && typeof said.high === "number"
    ? `${value(said.unit, said.low).replace(/ %$/, "")}–${value(said.unit, said.high)}` : value(said.unit, said.value);
  function panel(said) {
    const head = make("div"), halves = make("div", "halves");
    head.append(make("div", "value", found(said)), make("p", "window-said", `${said.question} ${moment(said.from)} to ${sameDay(said) ? clock(said.to) : moment(said.to)}.`));
    halves.append(half(said.denominator ? "Numerator" : "Counted", said.numerator));
    if (said.denominator) halves.append(half("Denominator", said.denominator));
    const shown = [head, make("p", "formula", said.formula), halves];
    for (const words of [honesty(said), said.note]) if (words) shown.push(make("p", "window-said", office.unbroken(words)));
    shown.push(uses(said));
    if (said.neighbours && said.neighbours.length) shown.push(neighbours(said));
    shown.push(names(said));
    if (said.pieces) shown.push(intervals(said));
    if (said.choices) shown.push(choices(said.choices));
    return shown;
  }
  const sameDay = said => office.date(Date.parse(said.from)) === office.date(Date.parse(said.to));
  function honesty(said) {
    const parts = [];
    if (said.coverage !== null && said.coverage !== undefined) parts.push(`${office.percent(said.coverage)} of the planned time was observed`);
    if (said.low !== null && said.low !== undefined && said.low !== said.high) parts.push(`if all that is in doubt were known it would lie between ${value(said.unit, said.low)} and ${value(said.unit, said.high)}`);
    return parts.length ? CAPITAL(parts.join("; ")) + "." : "";
  }
  /* All calendar time of the window by its use: what is left over must be nothing. */
  function uses(said) {
    const found = (said.uses || []).filter(one => one.value), section = make("section");
    const box = table("What all of this time was used for", null, found.map(one => [one.use, value("s", one.value), said.calendar_s ? office.percent(one.value / said.calendar_s) : office.NONE]));
    const row = total("calendar time", value("s", said.calendar_s), said.calendar_s ? "100.0 %" : office.NONE);
    box.querySelector("tbody").append(row);
    section.append(box, make("p", "accounted", "unaccounted for: " + office.exactly(Math.round((said.unaccounted_s || 0) * 1000))));
    return section;
  }
  function total(name, ...rest) {
    const row = make("tr", "total"), head = make("th", "", name);
    head.scope = "row";
    row.append(head, ...rest.map(text => make("td", "", text)));
    return row;
  }
  const BODIES = { iso_22400: "ISO 22400-2", semi: "SEMI E10 / E79", machinemetrics: "MachineMetrics" };
  function names(said) {
    const list = make("ul", "choices"), found = Object.entries(said.names || {}).filter(([, name]) => name && name !== "-");
    const section = make("section");
    if (!found.length) return section;
    for (const [body, name] of found) list.append(make("li", "", `${BODIES[body] || body}: ${name}`));
    section.append(make("h3", "", "What others call it"), list);
    return section;
  }
  function table(caption, columns, rows) {
    const wrap = make("div", "scroll"); wrap.tabIndex = 0; wrap.setAttribute("role", "region"); wrap.setAttribute("aria-label", caption);
    const box = make("table", "buckets"), body = make("tbody");
    if (caption) box.append(make("caption", "top", caption));
    if (columns) {
      const head = make("thead"), titles = make("tr");
      for (const column of columns) { const cell = make("th", "", column); cell.scope = "col"; titles.append(cell); }
      head.append(titles);
      box.append(head);
    }
    for (const [first, ...rest] of rows) {
      const row = make("tr"), name = make("th", "", first);
      name.scope = "row";
      row.append(name, ...rest.map(text => make("td", "", text)));
      body.append(row);
    }
    box.append(body);
    wrap.append(box);
    return wrap;
  }
  function half(name, part) {
    const box = table(name, null, part.parts.map(one => [one.label, value(one.unit, one.value)]));
    if (part.parts.length > 1) box.querySelector("tbody").append(total("together", value(part.parts[0].unit, part.value)));
    return box;
  }
  function neighbours(said) {
    const section = make("section");
    const box = table("What it is easily taken for", ["definition", "by", "formula", "value"], said.neighbours.map(one =>
      [one.name, one.standard === "-" ? "" : one.standard, one.formula, value(one.unit || said.unit, one.value)]));
    for (const row of box.querySelectorAll("tr")) [...row.children].slice(0, 3).forEach(cell => cell.classList.add("words"));
    section.append(box);
    return section;
  }
  function intervals(said) {
    const section = make("section"), list = said.pieces, all = office.count(said.pieces_total);
    const title = list.length < said.pieces_total ? `The first ${office.count(list.length)} of ${all} intervals behind it` : `The ${all} intervals behind it`;
    const many = said.machine === null;
    const box = table(title, [...(many ? ["machine"] : []), "from", "for", "state", "cause"], list.map(one =>
      [...(many ? [one.machine] : []), clock(one.start), office.exactly(Date.parse(one.end) - Date.parse(one.start)), one.use !== one.state ? `${one.state} (${one.use})` : one.state, one.cause || ""]));
    box.classList.add("pieces");
    section.append(box);
    return section;
  }
  function choices(named) {
    const section = make("section"), list = make("ul", "choices");
    for (const [name, choice] of Object.entries(named)) list.append(make("li", "", `${name.replace(/_s$/, "").replace(/_/g, " ")}: ${choice}${name.endsWith("_s") ? " s" : ""}`));
    section.append(make("h3", "", "The choices that hold"), list);
    return section;
  }
  document.addEventListener("click", event => {
    const number = event.target.closest("[data-explain]");
    if (!number || !number.dataset.from || number.closest("dialog")) return;
    event.preventDefault();
    number.focus();
    open(number);
  });
})();
