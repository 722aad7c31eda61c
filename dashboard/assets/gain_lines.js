/* The lines on the gain page: what each made more than its twin beside what replicas say of it, and, folded below,
   when that came about, what is counted, and what it is worth. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const G = office.gain;

  function card(line) {
    const box = make("div", "gain-line");
    box.dataset.line = line.line;
    box.append(make("h3", "", G.lineName(line.line)), make("div", "gain-number"), make("div", "gain-made"), make("div", "gain-mean"));
    return box;
  }
  function worthOf(line) {
    const box = make("div", "gain-line gain-worth"), field = make("input"), label = make("label", "", "margin of a good part ");
    box.dataset.line = line.line;
    box.append(make("h3", "", G.lineName(line.line)), make("div", "gain-lead"), make("canvas", "gain-curve"), make("div", "gain-money"), make("p", "label gain-counted"));
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
    return `${part} ${Math.abs(line.lead_s) < 1 ? "a moment" : G.span(line.lead_s)} ${line.lead_s > 0 ? "earlier" : "later"} with calls`;
  }
  const ordinal = number => ([11, 12, 13].includes(number % 100) ? "th" : { 1: "st", 2: "nd", 3: "rd" }[number % 10] || "th");
  function margins() {
    const told = [...document.querySelectorAll(".gain-worth")].map(box => [box.dataset.line, box.querySelector("input").value]).filter(([, value]) => value !== "");
    office.address.choose({ margin: told.map(([line, value]) => `${line}:${value}`).join(",") });
  }
  const percent = share => (share === null || share === undefined ? "" : ` (${G.signed(share * 100, 1)}\u00a0%)`);
  const same = (box, lines) => box.children.length === lines.length && lines.every((line, i) => box.children[i].dataset.line === line.line);

  /* What replicas say of a line, beside what was measured in this run. */
  function mean(line, study) {
    const one = study && study.lines.find(row => row.line === line.line), words = [];
    if (!one || one.low === null || one.high === null) return [make("span", "label", "on average: not known yet, replicas are being lived")];
    words.push(make("span", "gain-verdict", office.unbroken(`on average in a shift of ${study.hours} h: ${G.rounded(one.mean)} good parts${percent(one.share)}, ${G.VERDICT[one.verdict]}`).replace(/(surely|so far) (?=\w+$)/, "$1\u00a0")));
    words.push(make("span", "label", `${study.confidence * 100}\u00a0% interval ${G.rounded(one.low)} to ${G.rounded(one.high)}, over ${office.count(study.pairs)} other shifts${one.verdict.startsWith("so far") ? `; called sure from ${study.sure_pairs} on` : ""}`));
    words[0].dataset.gain = { more: "more", fewer: "less" }[one.verdict] || "";
    return [words[0], G.interval(one, words[1].textContent), words[1]];
  }
  /* A loss beside a sure gain is no contradiction, and says so. */
  const luckless = (line, study) => line.gained < 0 && Boolean(study) && study.lines.some(row => row.line === line.line && row.verdict === "more");
  function drawCards(answer) {
    const lines = answer.lines, box = by("gain-lines");
    if (!same(box, lines)) box.replaceChildren(...lines.map(card));
    lines.forEach((line, i) => {
      const one = box.children[i], number = one.querySelector(".gain-number"), study = answer.replicas;
      office.say(number, line.gained === null ? "not counted" : `${G.signed(line.gained)} good parts`);
      number.dataset.gain = line.gained === null ? "none" : G.better(line.gained);
      office.say(one.querySelector(".gain-made"), line.gained === null ? "no machine at its end counts parts" :
        `measured in this run: ${office.count(line.monitored)} with calls, ${office.count(line.twin)} without` +
        (line.gained === 0 && line.lead_s ? `; ${ahead(line)}` : percent(line.share)) + (luckless(line, study) ? "; a single day may fall short of the average" : ""));
      const key = JSON.stringify([study && study.pairs, study && study.lines.find(row => row.line === line.line)]), place = one.querySelector(".gain-mean");
      if (place.dataset.key !== key) { place.dataset.key = key; place.replaceChildren(...mean(line, study)); }
    });
  }
  function drawWorth(answer, lanes) {
    const lines = answer.lines, box = by("gain-worth-lines");
    if (!same(box, lines)) box.replaceChildren(...lines.map(worthOf));
    lines.forEach((line, i) => {
      const one = box.children[i], field = one.querySelector("input"), lead = one.querySelector(".gain-lead"), notes = [];
      office.say(lead, ahead(line));
      lead.hidden = line.lead_s === null;
      lead.dataset.gain = G.better(line.lead_s || 0);
      if (line.counted.length) notes.push("counted at " + line.counted.join(", "));
      if (line.not_counted.length) notes.push(line.not_counted.join(", ") + (line.not_counted.length > 1 ? " count" : " counts") + " no parts");
      office.say(one.querySelector(".gain-counted"), notes.join("; ") + ".");
      if (document.activeElement !== field) field.value = line.margin === null ? "" : String(line.margin);
      one.querySelector(".gain-money").hidden = line.gained === null;
      office.say(one.querySelector("b"), line.money === null ? "" : ` = ${G.signed(line.money, 2)}`);
      curve(one.querySelector("canvas"), line, lanes);
    });
    const total = answer.money, given = lines.filter(line => line.margin !== null && line.gained !== null).length;
    const negative = lines.some(line => line.gained !== null && line.gained < 0);
    office.say(by("gain-what-words"), [
      negative ? "A single day may be negative: people may be at one machine while another stands, and a line may wait for what it gained elsewhere. What to expect on average stands above." : "",
      total === null ? "Give what a good part earns, and it is money, in the currency of your margin." : `Money: ${G.signed(total, 2)} in the currency of your margin, of ${given} ${given === 1 ? "line" : "lines"} with one.`,
      answer.time.outside.length ? `Without a twin, and in no number here: ${answer.time.outside.join(", ")}.` : "",
    ].filter(Boolean).join(" "));
    office.say(by("gain-worth-brief"), total === null ? "" : `${G.signed(total, 2)} in your currency`);
  }
  /* Good parts gained by when: above the line more than the twin, below it less. */
  function curve(canvas, line, lanes) {
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
    canvas.setAttribute("aria-label", `Good parts of ${G.lineName(line.line)} gained so far: from 0 to ${G.signed(values[values.length - 1])}, at most ${G.signed(high)}, at least ${G.signed(low)}`);
  }

  office.gain.lines = (answer, lanes) => { drawCards(answer); drawWorth(answer, lanes); };
})();
