/* Every number opens: formula, numerator and denominator in time, the intervals behind it, what is not
   accounted for, and what the neighbouring definitions say. Anything with `data-explain` is such a number;
   `data-machine` or `data-place`, a line, and `data-from`, `data-to` say of what and when. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const make = (name, className, text) => office.element(name, className, text);
  const COUNTS = new Set(["stops", "micro_stops", "failures", "parts", "good", "rejects", "target_parts"]);
  const CAPITAL = text => text ? text[0].toUpperCase() + text.slice(1) : text;

  function value(kpi, number) {
    if (number === null || number === undefined) return office.NONE;
    if (kpi.endsWith("_s")) return office.exactly(Math.round(number * 1000));
    if (COUNTS.has(kpi)) return office.count(Math.round(number * 1000) / 1000);
    return (number * 100).toFixed(2) + " %";
  }
  const amount = part => part.s !== undefined && part.s !== null ? office.exactly(Math.round(part.s * 1000)) :
    part.count !== undefined && part.count !== null ? office.count(Math.round(part.count * 1000) / 1000) : office.NONE;
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
      body.replaceChildren(...panel(kpi, said, asked));
    } catch (error) {
      body.replaceChildren(make("p", "", error instanceof TypeError ? "The dashboard does not answer." : "It cannot be said just now: " + error.message));
    }
  }
  function panel(kpi, said, asked) {
    const shown = [];
    const head = make("div");
    head.append(make("div", "value", value(kpi, said.value)), make("p", "window-said", `${moment(said.from || asked.from)} to ${clock(said.to || asked.to)}`));
    if (said.question) head.append(make("p", "window-said", said.question));
    shown.push(head, make("p", "formula", said.formula));
    const halves = make("div", "halves");
    for (const [name, part] of [["Numerator", said.numerator], ["Denominator", said.denominator]]) if (part) halves.append(half(name, part));
    shown.push(halves);
    const accounted = make("p", "accounted");
    accounted.append("Unaccounted for: " + office.exactly(Math.round((said.unaccounted_s || 0) * 1000)));
    shown.push(accounted, make("p", "window-said", honesty(kpi, said)));
    if (said.note) shown.push(make("p", "window-said", said.note));
    if (said.neighbours && said.neighbours.length) shown.push(neighbours(kpi, said));
    if (said.intervals) shown.push(intervals(said.intervals));
    if (said.choices) shown.push(choices(said.choices));
    return shown;
  }
  function honesty(kpi, said) {
    const parts = [];
    if (said.coverage !== null && said.coverage !== undefined) parts.push(`${office.percent(said.coverage)} of the planned time was observed`);
    if (said.low !== null && said.low !== undefined) parts.push(`if all that is unknown were known it would lie between ${value(kpi, said.low)} and ${value(kpi, said.high)}`);
    return parts.length ? CAPITAL(parts.join("; ")) + "." : "";
  }
  function table(caption, columns, rows) {
    const wrap = make("div", "scroll"), box = make("table", "buckets"), body = make("tbody");
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
    const rows = (part.parts || []).map(one => [one.label, amount(one)]);
    const box = make("div");
    box.append(table(`${name}: ${part.label}`, null, rows));
    const total = make("tr", "total"), head = make("th", "", "together");
    head.scope = "row";
    total.append(head, make("td", "", amount(part)));
    box.querySelector("tbody").append(total);
    return box;
  }
  function neighbours(kpi, said) {
    const section = make("section");
    const box = table("What it is easily taken for", ["definition", "by", "formula", "value"], said.neighbours.map(one =>
      [one.name, one.standard === "-" ? "" : one.standard, one.formula, value(kpi, one.value)]));
    for (const row of box.querySelectorAll("tr")) [...row.children].slice(0, 3).forEach(cell => cell.classList.add("words"));
    section.append(box);
    return section;
  }
  function intervals(found) {
    const section = make("section"), list = found.shown || [];
    const title = list.length < found.total ? `The first ${office.count(list.length)} of ${office.count(found.total)} intervals behind it` : `The ${office.count(found.total)} intervals behind it`;
    const machines = list.some(one => one.machine);
    const box = table(title, [...(machines ? ["machine"] : []), "from", "for", "state", "cause"], list.map(one =>
      [...(machines ? [one.machine] : []), clock(one.start), office.exactly(Date.parse(one.end) - Date.parse(one.start)), one.use && one.use !== one.state ? `${one.state} (${one.use})` : one.state, one.cause || ""]));
    box.classList.add("pieces");
    box.tabIndex = 0;
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
