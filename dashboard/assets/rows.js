/* A machine's numbers in rows, by hour, shift or day of the chosen window, and the same as CSV. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const AGAIN_MS = 30000;
  const COLUMNS = [["planned", row => office.hours(row.planned_s * 1000)], ["utilization", row => office.shareOrBounds(row.utilization, row.utilization_low, row.utilization_high, row.observed_s)],
    ["uptime", row => office.shareOrBounds(row.uptime, row.uptime_low, row.uptime_high, row.observed_s)], ["OEE", row => office.percent(row.oee)],
    ["parts", row => office.count(row.parts)], ["stops", row => office.count(row.stops)], ["down", row => office.hours(row.down_s * 1000)], ["unknown", row => office.hours(row.unknown_s * 1000)]];
  let cut = "hour", asked = 0, key = "", number = 0;

  const title = row => {
    const start = Date.parse(row.start), end = Date.parse(row.end);
    if (cut === "hour") return `${office.time(start)}–${office.time(end)}`;
    const day = office.date(Date.parse(row.date + "T12:00:00Z"));
    return cut === "day" ? day : `${row.shift}, ${day}`;
  };
  /* Before it was first heard of there is nothing to tell. */
  const there = row => row.calendar_s > 0;
  function table(rows) {
    const box = make("table", "buckets cards rows"), head = make("thead"), titles = make("tr"), body = make("tbody");
    for (const column of [cut, ...COLUMNS.map(([name]) => name)]) { const cell = make("th", "", column); cell.scope = "col"; titles.append(cell); }
    head.append(titles);
    for (const row of rows) {
      const line = make("tr"), name = make("th", "", title(row));
      name.scope = "row";
      if (row.clipped) { name.append(make("span", "label", " in part")); }
      line.append(name, ...COLUMNS.map(([label, said]) => { const cell = make("td", "", said(row)); cell.dataset.label = label; return cell; }));
      body.append(line);
    }
    box.append(head, body);
    return box;
  }
  /* Shows the rows of a window; asks again when it is another one, or now and then while it goes on. */
  office.rows = (machine, from, to, live) => {
    const box = by("machine-rows");
    if (!box) return;
    if (!by("machine-by").dataset.watched) watch();
    const moments = { machine, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    if (office.plant.board) moments.run = office.plant.board.run;
    by("csv-kpis").href = "/api/kpis?" + new URLSearchParams({ ...moments, by: cut, format: "csv" });
    by("csv-intervals").href = "/api/intervals?" + new URLSearchParams({ ...moments, format: "csv" });
    const wanted = JSON.stringify([machine, cut, from, live ? "" : to]);
    if (wanted === key && box.children.length && (!live || Date.now() - asked < AGAIN_MS)) return;
    key = wanted;
    asked = Date.now();
    ask({ ...moments, by: cut });
  };
  async function ask(wanted) {
    const mine = ++number;
    let shown;
    try {
      const answer = await fetch("/api/kpis?" + new URLSearchParams(wanted), { cache: "no-store" });
      const said = await answer.json();
      if (!answer.ok) throw new Error(said.error || String(answer.status));
      shown = said.rows && said.rows.some(there) ? table(said.rows.filter(there)) : make("p", "label", "No " + cut + " of this window was worked.");
    } catch (error) {
      shown = make("p", "label", "These rows cannot be read just now" + (error instanceof TypeError ? "." : ": " + error.message));
    }
    if (mine === number && by("machine-rows")) by("machine-rows").replaceChildren(shown);
  }
  function watch() {
    by("machine-by").dataset.watched = "yes";
    key = "";
    for (const button of by("machine-by").children) button.setAttribute("aria-pressed", String(button.dataset.by === cut));
    by("machine-by").addEventListener("click", event => {
      const button = event.target.closest("button");
      if (!button) return;
      cut = button.dataset.by;
      for (const one of by("machine-by").children) one.setAttribute("aria-pressed", String(one === button));
      key = "";
      dispatchEvent(new CustomEvent("page"));
    });
  }
})();
