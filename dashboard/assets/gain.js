/* The gain page: its window, why something was gained, and how sure that is. It asks `/api/gain` when a segment
   is chosen, and again while the plant goes on; the rest is drawn by gain_lines.js, gain_more.js and
   gain_assume.js. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const NAMED = 3;
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

  /* On a phone the answers to why and how sure lie below the lines: the first screen says them in a sentence each. */
  function drawBrief() {
    const first = [...answer.phases].sort((a, b) => Math.abs(b.gained_s) - Math.abs(a.gained_s))[0], running = answer.replicas && answer.replicas.running, words = [];
    if (first && first.gained_s) words.push(`Why: ${span(Math.abs(first.gained_s))} ${first.gained_s > 0 ? "less" : "more"} ${first.phase}, more than anything else.`);
    words.push(running && running.low_s !== null
      ? `How sure: ${gained(running.mean_s)} running on average over ${office.count(answer.replicas.pairs)} other shifts of ${answer.replicas.hours} h, ${answer.replicas.confidence * 100} % interval ${gained(running.low_s)} to ${gained(running.high_s)}: ${VERDICT[running.verdict].replace("fewer", "less")}.`
      : "How sure: whether another day would bring the same is not known yet.");
    office.say(by("gain-brief"), office.unbroken(words.join(" ")));
  }

  /* --- why --------------------------------------------------------------------------------------------- */
  function drawWhy() {
    office.say(by("gain-why-words"), office.unbroken(answer.words.why));
    const rows = [...answer.phases].sort((a, b) => Math.abs(b.gained_s) - Math.abs(a.gained_s));
    const most = Math.max(1, ...rows.flatMap(row => [row.monitored_s, row.twin_s]));
    keep("gain-phases", [rows, answer.time.gained_s], box => {
      const list = make("table", "gain-split"), head = make("thead"), titles = make("tr"), body = make("tbody");
      for (const name of ["not running because", "grey without calls, blue with calls", "gained"]) { const cell = make("th", "", name); cell.scope = "col"; titles.append(cell); }
      head.append(titles);
      for (const [place, row] of rows.entries()) {
        const line = make("tr", place < NAMED ? "" : "rest"), name = make("th", "", row.phase), bars = make("td", "gain-bars"), difference = make("td", "gain-difference", gained(row.gained_s));
        name.scope = "row";
        name.title = row.meaning;
        difference.dataset.gain = better(row.gained_s);
        for (const [plant, seconds, word] of [["twin", row.twin_s, "without calls"], ["monitored", row.monitored_s, "with calls"]]) {
          const bar = make("div", "gain-bar"), fill = make("i"), text = make("span", "", span(seconds));
          bar.dataset.plant = plant;
          bar.title = `${row.phase} ${word}: ${span(seconds)}`;
          fill.style.setProperty("--share", String(seconds / most));
          bar.append(fill, text);
          bars.append(bar);
        }
        line.append(name, bars, difference);
        body.append(line);
      }
      if (rows.length > NAMED) {
        /* The shown ones and these are the sum below, so that whoever adds up finds nothing missing. */
        const others = rows.slice(NAMED), line = make("tr", "others"), left = others.reduce((all, row) => all + row.gained_s, 0);
        const name = make("th", "", `${others.length} other phases`), difference = make("td", "gain-difference", gained(left));
        name.scope = "row";
        difference.dataset.gain = better(left);
        line.append(name, make("td", "label", "smaller, together"), difference);
        body.append(line);
      }
      const sum = make("tr", "total"), name = make("th", "", "together: more time running"), share = make("td", "label", office.unbroken(`of ${span(answer.time.common_s)} of machine time observed in both plants; rounded to the minute`)), total = make("td", "gain-difference", gained(answer.time.gained_s));
      name.scope = "row";
      total.dataset.gain = better(answer.time.gained_s);
      sum.append(name, share, total);
      body.append(sum);
      list.append(make("caption", "unseen", "Machine time without running, by phase, without and with calls"), head, body);
      box.replaceChildren(list);
    });
    const all = by("gain-all-phases"), open = by("gain-why").classList.contains("all");
    all.hidden = rows.length <= NAMED;
    office.say(all, open ? "The largest alone" : `All ${rows.length} phases`);
    all.setAttribute("aria-expanded", String(open));
    by("gain-answered").hidden = !open;
    const told = answer.answered;
    office.say(by("gain-answered"), `The times are measured in both plants and add up to the millisecond. What a machine stood for is known from what people answered to calls for ${told.share === null ? office.NONE : (told.share * 100).toFixed(0) + " %"} of the monitored plant's ${span(told.standing_s)} of standing; for the rest, and in the twin, where nobody is asked, the simulator's truth says it.`);
  }

  /* --- how sure ---------------------------------------------------------------------------------------- */
  /* Surely is said from a number of pairs on; before it, what they say so far. */
  const VERDICT = { more: "surely more", fewer: "surely fewer", "so far more": "so far more", "so far fewer": "so far fewer", "not sure": "not sure yet" };
  const rounded = value => signed(value, Math.abs(value) < 10 ? 1 : 0);
  /* An interval on its axis: zero is the tall mark, the mean the dot. */
  function interval(one, words) {
    const low = Math.min(0, one.low), high = Math.max(0, one.high), room = high - low || 1, place = value => ((value - low) / room) * 100 + "%";
    const axis = make("div", "gain-interval"), range = make("i"), mean = make("b"), zero = make("u");
    range.style.left = place(one.low);
    range.style.width = ((one.high - one.low) / room) * 100 + "%";
    mean.style.left = place(one.mean);
    zero.style.left = place(0);
    axis.title = words;
    axis.append(zero, range, mean);
    return axis;
  }
  function drawSure() {
    const study = answer.replicas, running = study && study.running;
    const known = study ? study.lines.filter(one => one.low !== null && one.high !== null) : [];
    const rows = known.map(one => [lineName(one.line), one, `${rounded(one.low)} to ${rounded(one.high)}`, `${rounded(one.mean)} good parts`]);
    if (running && running.low_s !== null) rows.unshift(["All machines", { mean: running.mean_s, low: running.low_s, high: running.high_s, verdict: running.verdict },
      office.unbroken(`${gained(running.low_s)} to ${gained(running.high_s)}`), office.unbroken(`${gained(running.mean_s)} running`)]);
    office.say(by("gain-expected"), office.unbroken(answer.words.expected));
    by("gain-expected").hidden = !answer.words.expected;
    office.say(by("gain-sure-words"), answer.words.sure);
    /* Where the table says the same, the sentence is for who listens, unless it warns. */
    by("gain-sure-words").classList.toggle("unseen", rows.length > 0 && !study.otherwise.length);
    keep("gain-intervals", [rows, study && study.pairs], box => {
      if (!rows.length) { box.replaceChildren(); return; }
      const list = make("table", "gain-study"), body = make("tbody");
      for (const [name, one, ends, mean] of rows) {
        const line = make("tr"), title = make("th", "", name), cell = make("td"), words = make("td", "gain-difference", mean);
        title.scope = "row";
        cell.append(interval(one, `${name}: mean ${mean}, interval ${ends}`));
        words.dataset.gain = { more: "more", fewer: "less" }[one.verdict] || "";
        line.append(title, cell, make("td", "label", ends), words);
        body.append(line);
      }
      list.append(make("caption", "label", `Gained in ${study.hours} h: mean and ${study.confidence * 100} % interval; the tall mark is zero. Of every line the parts of its last machines are counted, also where these report none themselves.`), body);
      box.replaceChildren(list);
    });
  }

  /* --- drawing ----------------------------------------------------------------------------------------- */
  function draw() {
    drawing = false;
    const page = by("gain");
    if (!page) { root = null; return; }
    if (page !== root) { root = page; answer = lanes = null; shown = ""; unfold(); refresh(true); return; }
    const said = by("gain-said"), text = failed || (answer ? "" : "Comparing both plants.");
    said.hidden = !text;
    office.say(said, text && text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : "."));
    by("gain-body").hidden = !answer;
    if (!answer) return;
    drawWindow();
    office.say(by("gain-headline"), office.unbroken(answer.words.headline));
    drawBrief();
    office.gain.lines(answer, lanes);
    drawWhy();
    drawSure();
    office.gain.more(answer, lanes);
    office.gain.assume(answer);
  }
  /* What is unfolded stands in the address, and is drawn once it is seen. */
  const folds = () => [...root.querySelectorAll("details.gain-fold")];
  function unfold() {
    const open = office.address.get("open").split(",");
    for (const one of folds()) one.open = open.includes(one.id.replace("gain-", ""));
  }
  document.addEventListener("toggle", event => {
    if (!root || !root.contains(event.target) || !event.target.matches("details.gain-fold")) return;
    const query = new URLSearchParams(location.search), open = folds().filter(one => one.open).map(one => one.id.replace("gain-", ""));
    if (open.length) query.set("open", open.join(",")); else query.delete("open");
    const text = String(query);
    history.replaceState(history.state, "", location.pathname + (text ? "?" + text : ""));
    later();
  }, true);
  document.addEventListener("click", event => {
    if (event.target.id !== "gain-all-phases") return;
    by("gain-why").classList.toggle("all");
    drawWhy();
  });
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
  office.gain = { span, sign, gained, signed, rounded, points, lineName, better, table, keep, interval, VERDICT, lines: () => {}, more: () => {}, assume: () => {} };
})();
