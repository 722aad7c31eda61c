/* The rest of the gain page: both plants in time, their numbers, a log kept by hand, pairs of stops, and time
   without the dashboard. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const G = office.gain;
  const HEIGHT = { running: 1, idle: 0.5, stopped: 0.5, down: 1, setup: 0.78, unknown: 1 };
  const at = text => Date.parse(text);
  const LISTED = 18, ALONE = 8;

  /* --- both plants in time ----------------------------------------------------------------------------- */
  /* Above the monitored plant, below its twin, and between them who of both runs alone. */
  function paint(canvas, row, letters) {
    if (!canvas.clientWidth) return;
    const ratio = window.devicePixelRatio || 1, width = (canvas.width = Math.round(canvas.clientWidth * ratio)), height = (canvas.height = Math.round(canvas.clientHeight * ratio));
    const pen = canvas.getContext("2d"), style = getComputedStyle(document.documentElement), colour = name => style.getPropertyValue(name).trim();
    const colours = Object.fromEntries(Object.values(letters).map(state => [state, colour("--" + state)]));
    const lane = Math.round(height * 0.38), gap = height - 2 * lane, count = row.monitored.length;
    const runs = (text, draw) => {
      for (let i = 0; i < count; ) {
        let end = i + 1;
        while (end < count && text[end] === text[i]) end++;
        draw(text[i], Math.round((i / count) * width), Math.round((end / count) * width));
        i = end;
      }
    };
    for (const [text, top] of [[row.monitored, 0], [row.twin, lane + gap]]) runs(text, (letter, from, to) => {
      const state = letters[letter], tall = Math.round(lane * HEIGHT[state]);
      pen.globalAlpha = state === "unknown" ? 0.35 : 1;
      pen.fillStyle = colours[state];
      pen.fillRect(from, top + lane - tall, to - from, tall);
    });
    pen.globalAlpha = 1;
    const both = [...row.monitored].map((letter, i) => ((letter === "R") === (row.twin[i] === "R") || letter === "?" || row.twin[i] === "?" ? "=" : letter === "R" ? "+" : "-")).join("");
    const [more, less] = [colour("--accent"), colour("--idle")];
    runs(both, (which, from, to) => {
      if (which === "=") return;
      pen.fillStyle = which === "+" ? more : less;
      pen.fillRect(from, lane + ratio, Math.max(to - from, ratio), gap - 2 * ratio);
    });
  }
  function drawLanes(answer, lanes) {
    by("gain-lanes").hidden = !lanes || !lanes.machines.length;
    if (!by("gain-lanes").open) return;
    if (by("gain-lanes").hidden) return;
    const box = by("gain-lanes-table"), from = at(lanes.from), to = at(lanes.to), of = new Map(answer.machines.map(row => [row.machine, row]));
    office.say(by("gain-lanes-words"), `Each machine twice: above with calls, below without; between them, blue where only the one with calls runs, and amber where only the one without does. ${office.time(from)} to ${office.time(to)}${to - from < at(answer.to) - at(answer.from) ? ", the last day of the window" : ""}; the sum on the right is of the whole window.`);
    G.keep("gain-lanes-table", lanes.machines.map(row => row.machine), () => {
      const list = make("table", "gain-lanes-list"), body = make("tbody"), foot = make("tfoot"), last = make("tr"), axis = make("canvas", "axis");
      for (const row of lanes.machines) {
        const line = make("tr"), name = make("th"), cell = make("td"), canvas = make("canvas", "gain-lane"), link = make("a", "", row.machine);
        link.href = "/machine/" + encodeURIComponent(row.machine);
        name.scope = "row";
        name.append(link);
        canvas.setAttribute("role", "img");
        cell.append(canvas);
        line.append(name, cell, make("td", "gain-difference"));
        body.append(line);
        explain(canvas);
      }
      axis.setAttribute("aria-hidden", "true");
      const middle = make("td");
      middle.append(axis);
      last.append(make("td"), middle, make("td"));
      foot.append(last);
      list.append(make("caption", "unseen", "Time of each machine in both plants, and how much longer it ran with calls"), body, foot);
      box.replaceChildren(list);
    });
    lanes.machines.forEach((row, i) => {
      const line = box.querySelectorAll("tbody tr")[i], canvas = line.querySelector("canvas"), sums = of.get(row.machine), sum = line.lastChild;
      canvas.lane = { row, from, to, letters: lanes.letters };
      paint(canvas, row, lanes.letters);
      if (!sums) return;
      office.say(sum, G.gained(sums.gained_s));
      sum.dataset.gain = G.better(sums.gained_s);
      sum.title = `ran ${G.span(sums.monitored_s)} with calls, ${G.span(sums.twin_s)} without, of ${G.span(sums.common_s)} observed in both`;
      canvas.setAttribute("aria-label", `${row.machine}: ${sum.title}`);
    });
    office.strip.axis(box.querySelector("canvas.axis"), from, to, office.plant.board ? office.plant.board.now_ms : to);
  }
  let tip = null;
  function explain(canvas) {
    canvas.addEventListener("pointermove", event => {
      const { row, from, to, letters } = canvas.lane || {}, area = canvas.getBoundingClientRect();
      if (!row) return;
      const cell = Math.min(row.monitored.length - 1, Math.max(0, Math.floor(((event.clientX - area.left) / area.width) * row.monitored.length)));
      const moment = from + ((cell + 0.5) / row.monitored.length) * (to - from);
      if (!tip) { tip = make("div", "tip"); document.body.append(tip); }
      office.say(tip, `${office.time(moment)}: ${letters[row.monitored[cell]]} with calls, ${letters[row.twin[cell]]} without`);
      tip.hidden = false;
      const half = tip.offsetWidth / 2;
      tip.style.left = Math.min(Math.max(event.clientX, half + 8), innerWidth - half - 8) + "px";
      tip.style.top = area.top - 6 + "px";
    });
    canvas.addEventListener("pointerleave", () => { if (tip) tip.hidden = true; });
  }

  /* --- both plants beside each other ------------------------------------------------------------------- */
  const NAMES = [["utilization", "utilization", "running / observed"], ["uptime", "uptime", "(running + idle) / observed"], ["oee", "OEE", "ideal cycle × good / observed"]];
  function value(plant, key) {
    if (key === "uptime") return office.shareOrBounds(plant.uptime, plant.uptime_low, plant.uptime_high, plant.observed_s);
    return office.percent(plant[key]);
  }
  function difference(mine, other, key) {
    if (mine[key] !== null && other[key] !== null) return [G.points(mine[key] - other[key]), "gain-difference"];
    if (key !== "uptime" || mine.uptime_low === null || other.uptime_low === null) return office.NONE;
    return `low ${G.points(mine.uptime_low - other.uptime_low)}, high ${G.points(mine.uptime_high - other.uptime_high)}`;
  }
  function drawKpis(answer) {
    const plant = answer.kpis.find(row => row.line === null);
    if (plant) office.say(by("gain-kpis-brief"), `utilization ${office.percent(plant.monitored.utilization)} with calls, ${office.percent(plant.twin.utilization)} without`);
    const rows = answer.kpis.flatMap(row => NAMES.map(([key, word]) => [
      `${row.line === null ? "Plant" : G.lineName(row.line)}: ${word}`, value(row.monitored, key), value(row.twin, key), difference(row.monitored, row.twin, key)]));
    const observed = answer.kpis.map(row => `${row.line === null ? "Plant" : G.lineName(row.line)} ${G.span(row.monitored.observed_s)} and ${G.span(row.twin.observed_s)}`).join(", ");
    G.keep("gain-kpi-table", [rows, observed], box => {
      const words = make("p", "label", `${NAMES.map(([, word, formula]) => `${word} = ${formula}`).join("; ")}. Observed machine time with and without calls: ${observed}.`);
      box.replaceChildren(G.table("buckets cards gain-table", ["number", "with calls", "without", "difference"], rows, "Utilization, uptime and OEE of both plants"), words);
    });
    const states = Object.entries(answer.time.states_s).map(([state, both]) => [state, G.span(both.monitored), G.span(both.twin), [G.gained(both.monitored - both.twin), "gain-difference"]]);
    G.keep("gain-state-table", states, box => {
      const found = G.table("buckets cards gain-table", ["state", "with calls", "without", "difference"], states, "Machine time by measured state in both plants");
      box.replaceChildren(make("p", "label", `Of ${G.span(answer.time.common_s)} of machine time that is planned and observed in both plants:`), found);
    });
  }

  /* --- a log kept by hand ------------------------------------------------------------------------------ */
  function drawPaper(answer) {
    const paper = answer.paper, rows = [["believed", "the log says"], ["measured", "the machines say"], ["true", "it really was"]];
    G.keep("gain-paper-bars", paper, box => {
      const list = make("table", "gain-split"), body = make("tbody");
      for (const [key, words] of rows) {
        const line = make("tr"), name = make("th", "", key), bars = make("td", "gain-bars");
        name.scope = "row";
        name.title = words;
        for (const plant of ["twin", "monitored"]) {
          const share = paper[plant][key], bar = make("div", "gain-bar"), fill = make("i");
          bar.dataset.plant = plant;
          fill.style.setProperty("--share", String(share || 0));
          bar.append(fill, make("span", "", `${office.percent(share)} ${plant === "twin" ? "without calls" : "with calls"}`));
          bars.append(bar);
        }
        line.append(name, bars);
        body.append(line);
      }
      list.append(make("caption", "unseen", "Utilization as believed, as measured, and in truth"), body);
      box.replaceChildren(list);
    });
    const log = paper.twin;
    office.say(by("gain-paper-brief"), log.stops ? `believed ${office.percent(log.believed)}, measured ${office.percent(log.measured)} utilization without calls` : "");
    office.say(by("gain-paper-words"), log.stops ? office.unbroken(`Utilization of ${G.span(log.observed_s)} of machine time. Of ${office.count(log.stops)} stops without calls a log would miss ${office.count(log.missed)} (${((log.missed / log.stops) * 100).toFixed(0)} %), which took ${G.span(log.missed_s)} of ${G.span(log.stopped_s)} (${((log.missed_s / log.stopped_s) * 100).toFixed(0)} %): it is assumed to begin at ${G.span(paper.logged_from_s)}, to round to ${G.span(paper.rounded_to_s)}, and to have a reason that can be used for ${(paper.reason_share * 100).toFixed(0)} % of what it holds, here ${office.count(log.reasoned)} stops.`) : "No stop yet.");
  }

  /* --- pairs of stops ---------------------------------------------------------------------------------- */
  const lasted = (row, plant) => {
    if (row[plant + "_start"] === null) return "has not come";
    const noticed = row[plant + "_noticed_s"];
    return `${G.span(row[plant + "_s"])}${row[plant + "_over"] ? "" : " so far"}, ${noticed === null ? "not noticed yet" : noticed < 1 ? "noticed at once" : `noticed after ${G.span(noticed)}`}`;
  };
  function drawPairs(answer) {
    const pairs = answer.pairs, seen = pairs.noticed_s;
    office.say(by("gain-stops-brief"), `${office.count(pairs.paired)} pairs`);
    const alone = pairs.only_monitored + pairs.only_twin;
    office.say(by("gain-stops-words"), `${office.count(pairs.paired)} stops are over in both plants; together they were ${G.span(pairs.gained_s)} ${pairs.gained_s < 0 ? "longer" : "shorter"} with calls` +
      (seen ? `, and those that nobody saw begin were noticed after ${G.span(seen.monitored)} on average instead of ${G.span(seen.twin)}` : "") + `. ${office.count(alone)} have come in one plant alone (${office.count(pairs.only_monitored)} with calls, ${office.count(pairs.only_twin)} without), ${office.count(pairs.going_on)} go on.`);
    const differ = pairs.rows.filter(row => row.gained_s).slice(0, LISTED), without = pairs.rows.filter(row => row.gained_s === null).slice(0, ALONE);
    const rows = [...differ, ...without].map(row => [`${row.machine}: ${row.cause || "no cause told"} no. ${row.number}`, row.what || "nobody there yet", lasted(row, "monitored"), lasted(row, "twin"),
      row.gained_s === null ? (row.monitored_start === null || row.twin_start === null ? "no pair" : "goes on") : [G.gained(row.gained_s), "gain-difference"]]);
    G.keep("gain-stops-table", rows, box => box.replaceChildren(rows.length ? G.table("buckets cards gain-table", ["stop", "what it took", "with calls", "without", "shorter by"], rows, "The stops that differ most, and those without a pair") : make("p", "label", "No stop that differs yet.")));
  }

  /* --- time without the dashboard ---------------------------------------------------------------------- */
  function drawHoles(answer) {
    const holes = answer.holes;
    office.say(by("gain-holes-brief"), holes.length ? `${office.count(holes.length)} time${holes.length === 1 ? "" : "s"}` : "none so far");
    office.say(by("gain-holes-words"), holes.length ? "While the dashboard was away nobody was called, and people fell back on their rounds. What that cost is an estimate: how much longer the stops that began in it went unnoticed than stops usually do." :
      "The dashboard was there all the time. Stop it (its process; the page comes back with it), and the calls stop: the plant goes on, its people fall back on their rounds, and what that cost stands here.");
    const mean = s => (s === null ? office.NONE : G.span(s));
    const rows = holes.map(hole => [`${office.date(at(hole.from))} ${office.time(at(hole.from))}–${hole.over ? office.time(at(hole.to)) : "now"}`, G.span(hole.lasts_s), office.count(hole.missed),
      `${mean(hole.noticed_s)} (${office.count(hole.stops)} stops)`, mean(hole.usual_s), [hole.cost_s === null ? office.NONE : G.gained(-hole.cost_s), "gain-difference"]]);
    G.keep("gain-holes-table", rows, box => box.replaceChildren(...(rows.length ? [G.table("buckets cards gain-table", ["without the dashboard", "for", "calls missed", "its stops were noticed after", "others after", "machine time, an estimate"], rows, "Time without the dashboard")] : [])));
  }

  office.gain.more = (answer, lanes) => {
    drawLanes(answer, lanes);
    drawKpis(answer);
    drawPaper(answer);
    drawPairs(answer);
    drawHoles(answer);
  };
})();
