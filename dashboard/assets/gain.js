/* The gain page: what was gained, why, and how sure that is. It asks `/api/gain` when a segment is chosen, and
   again while the plant goes on; the rest of the page is drawn by gain_more.js and gain_assume.js. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const AGAIN_MS = 2000, REFUSED_MS = 30000, LANES_MS = 10000;
  let root = null, answer = null, lanes = null, asked = 0, askedLanes = 0, asking = 0, shown = "", drawing = false, failed = "";

  /* --- words ------------------------------------------------------------------------------------------- */
  /* Machine time is said in hours: two days of thirteen machines are no days. */
  function span(s) {
    const ms = Math.abs(s) * 1000, hours = Math.floor(ms / office.HOUR), minutes = Math.floor((ms % office.HOUR) / office.MINUTE);
    if (hours >= 100) return `${office.count(Math.round(ms / office.HOUR))} h`;
    if (hours) return `${hours} h ${minutes} min`;
    return minutes ? `${minutes} min` : `${Math.floor(ms / 1000)} s`;
  }
  const sign = value => (value > 0 ? "+" : value < 0 ? "−" : "±");
  const gained = s => (Math.abs(s) < 1 ? "0 s" : sign(s) + span(s));
  const signed = (value, digits = 0) => {
    if (value === null || value === undefined) return office.NONE;
    const size = Math.abs(value);
    return Number(size.toFixed(digits)) ? sign(value) + office.decimal(size, digits) : "0";
  };
  const points = value => value === null || value === undefined ? office.NONE : `${signed(value * 100, 1)} pts`;
  const lineName = line => (line ? line[0].toUpperCase() + line.slice(1) : "outside every line");
  const better = value => (value > 0 ? "more" : value < 0 ? "less" : "");
  const at = text => Date.parse(text);
  function table(className, columns, rows, caption) {
    const box = make("table", className), head = make("thead"), titles = make("tr"), body = make("tbody");
    for (const column of columns) { const title = make("th", "", column); title.scope = "col"; titles.append(title); }
    head.append(titles);
    for (const [first, ...rest] of rows) {
      const line = make("tr"), name = make("th", "", first);
      name.scope = "row";
      line.append(name, ...rest.map((said, i) => {
        const cell = make("td", Array.isArray(said) ? said[1] : "", Array.isArray(said) ? said[0] : said);
        cell.dataset.label = columns[i + 1];
        return cell;
      }));
      body.append(line);
    }
    if (caption) box.append(make("caption", "unseen", caption));
    box.append(head, body);
    return box;
  }
  /* Where nothing changed nothing is drawn anew, so that a reader's place, selection and focus stay. */
  function keep(id, key, draw) {
    const box = by(id), text = JSON.stringify(key);
    if (!box || box.dataset.key === text) return;
    box.dataset.key = text;
    draw(box);
  }

  /* --- asking ------------------------------------------------------------------------------------------ */
  const query = () => {
    const wanted = {};
    for (const name of ["run", "segment", "from", "to", "margin"]) if (office.address.get(name)) wanted[name] = office.address.get(name);
    return wanted;
  };
  async function json(address) {
    const said = await fetch(address, { cache: "no-store" }), body = await said.json();
    if (!said.ok) throw new Error(body.error || String(said.status));
    return body;
  }
  async function refresh(anew) {
    const mine = ++asking, wanted = query();
    asked = Date.now();
    try {
      const found = await json("/api/gain?" + new URLSearchParams(wanted));
      if (mine !== asking) return;
      answer = found;
      failed = "";
      if (anew || Date.now() - askedLanes > LANES_MS) {
        askedLanes = Date.now();
        const { margin, ...window } = wanted, width = Math.min(960, Math.max(160, Math.round(root.clientWidth * 0.6)));
        const drawn = await json("/api/gain/lanes?" + new URLSearchParams({ ...window, cells: width }));
        if (mine !== asking && anew) return;
        lanes = drawn;
      }
    } catch (error) {
      if (mine !== asking) return;
      failed = error instanceof TypeError ? "The dashboard does not answer; what is shown is the last answer." : String(error.message);
    }
    draw();
  }

  /* --- the window -------------------------------------------------------------------------------------- */
  function drawWindow() {
    const segments = answer.segments, chosen = answer.segment;
    keep("gain-window", [segments.map(one => [one.number, one.label, one.from]), chosen], box => {
      const label = make("label", "gain-choose", "assumptions: "), list = make("select");
      for (const one of [...segments].reverse()) {
        const option = make("option", "", `${one.number}. ${one.label}, from ${office.date(at(one.from))} ${office.time(at(one.from))}`);
        option.value = one.number === segments.length ? "" : String(one.number);
        option.selected = chosen === one.number;
        list.append(option);
      }
      const whole = make("option", "", "the whole run, whatever was assumed");
      whole.value = "run";
      whole.selected = chosen === null;
      list.append(whole);
      list.addEventListener("change", () => office.address.choose({ segment: list.value, from: "", to: "" }));
      label.append(list);
      box.replaceChildren(label, make("span", "label gain-when"));
    });
    const from = at(answer.from), to = at(answer.to);
    office.say(by("gain-window").lastChild, `${office.date(from)} ${office.time(from)} to ${office.date(to) === office.date(from) ? "" : office.date(to) + " "}${office.time(to)}: ${span((to - from) / 1000)} of plant time`);
  }

  /* --- what -------------------------------------------------------------------------------------------- */
  function card(line) {
    const box = make("div", "gain-line"), name = make("h3", "", lineName(line.line));
    box.dataset.line = line.line;
    box.append(name, make("div", "gain-number"), make("div", "gain-lead"), make("div", "gain-made"), make("canvas", "gain-curve"), make("div", "gain-money"), make("p", "label gain-counted"));
    const field = make("input"), label = make("label", "", "margin of a good part ");
    field.type = "number";
    field.min = "0";
    field.step = "any";
    field.inputMode = "decimal";
    field.placeholder = "none";
    field.addEventListener("change", margins);
    label.append(field);
    box.querySelector(".gain-money").append(label, make("b"));
    box.querySelector("canvas").setAttribute("role", "img");
    return box;
  }
  /* Where both plants stand in the same stop a while apart, parts say nothing and this does. */
  function ahead(line) {
    if (line.lead_s === null) return "";
    const made = Math.min(line.monitored, line.twin), part = `made its ${office.count(made)}${ordinal(made)} good part`;
    if (line.lead_s === 0) return `${part} at the same moment`;
    return `${part} ${Math.abs(line.lead_s) < 1 ? "a moment" : span(line.lead_s)} ${line.lead_s > 0 ? "earlier" : "later"} with calls`;
  }
  const ordinal = number => ([11, 12, 13].includes(number % 100) ? "th" : { 1: "st", 2: "nd", 3: "rd" }[number % 10] || "th");
  function margins() {
    const told = [...document.querySelectorAll(".gain-line")].map(box => [box.dataset.line, box.querySelector("input").value]).filter(([, value]) => value !== "");
    office.address.choose({ margin: told.map(([line, value]) => `${line}:${value}`).join(",") });
  }
  function drawLines() {
    const lines = answer.lines, box = by("gain-lines");
    if (box.children.length !== lines.length || lines.some((line, i) => box.children[i].dataset.line !== line.line)) box.replaceChildren(...lines.map(card));
    lines.forEach((line, i) => {
      const one = box.children[i], field = one.querySelector("input"), worth = one.querySelector("b");
      const number = one.querySelector(".gain-number");
      office.say(number, line.gained === null ? "not counted" : `${signed(line.gained)} good parts`);
      number.dataset.gain = line.gained === null ? "none" : better(line.gained);
      office.say(one.querySelector(".gain-made"), line.gained === null ? "no machine at its end counts parts" :
        `${office.count(line.monitored)} with calls, ${office.count(line.twin)} without${line.share === null ? "" : ` (${signed(line.share * 100, 1)} %)`}`);
      const lead = one.querySelector(".gain-lead");
      office.say(lead, ahead(line));
      lead.hidden = line.lead_s === null;
      lead.dataset.gain = better(line.lead_s || 0);
      const notes = [];
      if (line.counted.length) notes.push("counted at " + line.counted.join(", "));
      if (line.not_counted.length) notes.push(line.not_counted.join(", ") + (line.not_counted.length > 1 ? " count" : " counts") + " no parts");
      office.say(one.querySelector(".gain-counted"), notes.join("; ") + ".");
      if (document.activeElement !== field) field.value = line.margin === null ? "" : String(line.margin);
      one.querySelector(".gain-money").hidden = line.gained === null;
      office.say(worth, line.money === null ? "" : ` = ${signed(line.money, 2)}`);
      curve(one.querySelector("canvas"), line);
    });
    const total = answer.money, given = lines.filter(line => line.margin !== null && line.gained !== null).length;
    const negative = lines.some(line => line.gained !== null && line.gained < 0);
    office.say(by("gain-what-words"), [
      negative ? "A single day may be negative: people may be at one machine while another stands, and a line may wait for what it gained elsewhere. On the right is what to expect on average." : "",
      total === null ? "Give what a good part earns, and it is money, in the currency of your margin." : `Money: ${signed(total, 2)} in the currency of your margin, of ${given} ${given === 1 ? "line" : "lines"} with one.`,
      answer.time.outside.length ? `Without a twin, and in no number here: ${answer.time.outside.join(", ")}.` : "",
    ].filter(Boolean).join(" "));
  }
  /* Good parts gained by when: above the line more than the twin, below it less. */
  function curve(canvas, line) {
    const one = lanes && lanes.curves.find(row => row.line === line.line);
    canvas.hidden = !one || one.at.length < 2;
    if (canvas.hidden || !canvas.clientWidth) return;
    const ratio = window.devicePixelRatio || 1, width = (canvas.width = Math.round(canvas.clientWidth * ratio)), height = (canvas.height = Math.round(canvas.clientHeight * ratio));
    const values = [0, ...one.at.map((_, i) => one.monitored[i] - one.twin[i])], style = getComputedStyle(document.documentElement);
    const high = Math.max(1, ...values), low = Math.min(0, ...values), pen = canvas.getContext("2d");
    const x = i => (i / (values.length - 1)) * width, y = value => 2 * ratio + ((high - value) / (high - low)) * (height - 4 * ratio);
    for (const [name, keepSign] of [["--running", 1], ["--idle", -1]]) {
      pen.beginPath();
      pen.moveTo(0, y(0));
      values.forEach((value, i) => pen.lineTo(x(i), y(value * keepSign > 0 ? value : 0)));
      pen.lineTo(width, y(0));
      pen.fillStyle = style.getPropertyValue(name).trim();
      pen.globalAlpha = 0.35;
      pen.fill();
    }
    pen.globalAlpha = 1;
    pen.fillStyle = style.getPropertyValue("--muted").trim();
    pen.fillRect(0, y(0), width, ratio);
    pen.beginPath();
    values.forEach((value, i) => (i ? pen.lineTo(x(i), y(value)) : pen.moveTo(0, y(value))));
    pen.strokeStyle = style.getPropertyValue("--text").trim();
    pen.lineWidth = 1.5 * ratio;
    pen.stroke();
    canvas.setAttribute("aria-label", `Good parts of ${lineName(line.line)} gained so far: from 0 to ${signed(values[values.length - 1])}, at most ${signed(high)}, at least ${signed(low)}`);
  }

  /* --- why --------------------------------------------------------------------------------------------- */
  function drawWhy() {
    office.say(by("gain-why-words"), answer.words.why);
    const rows = [...answer.phases].sort((a, b) => Math.abs(b.gained_s) - Math.abs(a.gained_s));
    const most = Math.max(1, ...rows.flatMap(row => [row.monitored_s, row.twin_s]));
    keep("gain-phases", [rows, answer.time.gained_s], box => {
      const list = make("table", "gain-split"), head = make("thead"), titles = make("tr"), body = make("tbody");
      for (const name of ["not running because", "without calls over with calls", "gained"]) { const cell = make("th", "", name); cell.scope = "col"; titles.append(cell); }
      head.append(titles);
      for (const row of rows) {
        const line = make("tr"), name = make("th", "", row.phase), bars = make("td", "gain-bars"), difference = make("td", "gain-difference", gained(row.gained_s));
        name.scope = "row";
        name.title = row.meaning;
        difference.dataset.gain = better(row.gained_s);
        for (const [plant, seconds, word] of [["twin", row.twin_s, "without calls"], ["monitored", row.monitored_s, "with calls"]]) {
          const bar = make("div", "gain-bar"), fill = make("i"), text = make("span", "", span(seconds));
          bar.dataset.plant = plant;
          bar.title = `${row.phase} ${word}: ${span(seconds)}`;
          fill.style.width = (seconds / most) * 100 + "%";
          bar.append(fill, text);
          bars.append(bar);
        }
        line.append(name, bars, difference);
        body.append(line);
      }
      const sum = make("tr", "total"), name = make("th", "", "together: more time running"), share = make("td", "label", `of ${span(answer.time.common_s)} observed in both`), total = make("td", "gain-difference", gained(answer.time.gained_s));
      name.scope = "row";
      total.dataset.gain = better(answer.time.gained_s);
      sum.append(name, share, total);
      body.append(sum);
      list.append(make("caption", "unseen", "Machine time without running, by phase, without and with calls"), head, body);
      box.replaceChildren(list);
    });
    const told = answer.answered;
    office.say(by("gain-answered"), `The times are measured in both plants and add up to the millisecond. What a machine stood for is known from what people answered to calls for ${told.share === null ? office.NONE : (told.share * 100).toFixed(0) + " %"} of the monitored plant's ${span(told.standing_s)} of standing; for the rest, and in the twin, where nobody is asked, the simulator's truth says it.`);
  }

  /* --- how sure ---------------------------------------------------------------------------------------- */
  function drawSure() {
    office.say(by("gain-sure-words"), answer.words.sure);
    const study = answer.replicas, lines = study ? study.lines.filter(one => one.low !== null && one.high !== null) : [];
    keep("gain-intervals", [lines, study && study.pairs], box => {
      if (!lines.length) { box.replaceChildren(); return; }
      const list = make("table", "gain-study"), body = make("tbody");
      for (const one of lines) {
        const line = make("tr"), name = make("th", "", lineName(one.line)), cell = make("td"), words = make("td", "gain-difference", `${signed(one.mean, 1)}`);
        const low = Math.min(0, one.low), high = Math.max(0, one.high), room = high - low || 1, place = value => ((value - low) / room) * 100 + "%";
        const axis = make("div", "gain-interval"), range = make("i"), mean = make("b"), zero = make("u");
        name.scope = "row";
        range.style.left = place(one.low);
        range.style.width = ((one.high - one.low) / room) * 100 + "%";
        mean.style.left = place(one.mean);
        zero.style.left = place(0);
        axis.title = `mean ${signed(one.mean, 1)}, interval ${signed(one.low, 1)} to ${signed(one.high, 1)} good parts`;
        axis.append(zero, range, mean);
        cell.append(axis, make("span", "label", `${signed(one.low, 1)} to ${signed(one.high, 1)}`));
        words.dataset.gain = { more: "more", fewer: "less", "not sure": "" }[one.verdict];
        line.append(name, cell, words);
        body.append(line);
      }
      list.append(make("caption", "label", `good parts gained in ${study.hours} h: mean and ${study.confidence * 100} % interval; the tall mark is zero. Replicas count the parts of every last machine, also of those that tell none.`), body);
      box.replaceChildren(list);
    });
  }

  /* --- drawing ----------------------------------------------------------------------------------------- */
  function draw() {
    drawing = false;
    const page = by("gain");
    if (!page) { root = null; return; }
    if (page !== root) { root = page; answer = lanes = null; shown = ""; fold(); refresh(true); return; }
    const said = by("gain-said"), text = failed || (answer ? "" : "Comparing both plants.");
    said.hidden = !text;
    office.say(said, text && text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : "."));
    by("gain-body").hidden = !answer;
    if (!answer) return;
    drawWindow();
    drawLines();
    drawWhy();
    drawSure();
    office.gain.more(answer, lanes);
    office.gain.assume(answer);
  }
  /* Long tables stand open where there is room for them; on a phone whoever wants them opens them. */
  const phone = matchMedia("(max-width: 760px)");
  const fold = () => { for (const one of root ? root.querySelectorAll("details.fold") : []) one.open = !phone.matches; };
  phone.addEventListener("change", fold);
  const later = () => { if (!drawing) { drawing = true; requestAnimationFrame(draw); } };
  addEventListener("address", () => { if (by("gain") && root) refresh(true); });
  addEventListener("live", () => {
    const page = by("gain");
    if (!page) { root = null; return; }
    if (page !== root) { later(); return; }
    const board = office.plant.board, now = board ? `${board.run} ${board.now_ms}` : "";
    if (Date.now() - asked > (failed && !answer ? REFUSED_MS : AGAIN_MS) && now !== shown && !document.hidden) { shown = now; refresh(false); }
  });
  for (const reason of ["theme", "resize", "page"]) addEventListener(reason, () => { if (by("gain")) { askedLanes = reason === "resize" ? 0 : askedLanes; later(); } });
  office.gain = { span, sign, gained, signed, points, lineName, better, table, keep, more: () => {}, assume: () => {} };
})();
