/* The page Health: asks once a second how each link is, because what is broken pushes nothing, and adds
   the browser's own link, which is measured here. */
"use strict";
(() => {
  const office = window.office;
  const by = id => document.getElementById(id);
  const GONE_MS = 6000, BEHIND_MS = 5000;
  const WORDS = { well: "well", warning: "look at it", broken: "broken", unknown: "not known", absent: "none" };
  const SIGNS = { well: "running", warning: "idle", broken: "down", unknown: "unknown", absent: "unknown" };
  const S = { asking: false, offset: null, said: null, rows: "" };

  const rate = number => office.decimal(number, number >= 100 ? 0 : 1);
  function size(bytes) {
    const units = ["bytes", "kB", "MB", "GB", "TB"];
    let step = 0;
    while (bytes >= 1000 && step < units.length - 1) { bytes /= 1000; step++; }
    return `${office.decimal(bytes, step ? 1 : 0)} ${units[step]}`;
  }
  const TITLE = text => text[0].toUpperCase() + text.slice(1);
  const span = s => (Math.abs(s) < 0.05 ? "0 s" : Math.abs(s) < 60 ? `${office.decimal(s, Math.abs(s) < 10 ? 1 : 0)} s` : office.duration(s * 1000));
  function shown(value, unit) {
    if (value === null || value === undefined) return office.NONE;
    if (typeof value === "string") return value;
    if (unit === "s") return span(value);
    if (unit === "ms") return `${office.decimal(value, value < 10 ? 1 : 0)} ms`;
    if (unit === "bytes") return size(value);
    if (unit === "/s") return `${rate(value)} a second`;
    if (unit === "x") return `×${office.decimal(value, 0, value < 100 ? 1 : 0)}`;
    return office.count(value);
  }
  /* Of each link the number that is read first, and what stands below it. */
  const one = (link, key) => { const found = link.measures.find(measure => measure.key === key); return found ? found.value : null; };
  const said = (link, key, unit) => shown(one(link, key), unit);
  const HEAD = {
    broker: l => [said(l, "clients"), "connections", `${said(l, "connection")} · ${said(l, "dropped")} dropped`],
    simulator: l => [said(l, "achieved", "x"), "plant seconds a second", `last word ${said(l, "age_s", "s")} ago · ${said(l, "lost_s", "s")} lost`],
    ingest: l => [one(l, "readings_per_s") === null ? office.NONE : rate(one(l, "readings_per_s")), "readings a second",
      `${said(l, "messages_per_s", "/s").replace(" a second", "")} messages a second · ${said(l, "gaps")} missing · ${said(l, "rejected")} rejected`],
    history: l => [said(l, "age_s", "s"), "since the last commit", `took ${said(l, "commit_ms", "ms")} · ${said(l, "free_bytes", "bytes")} free`],
    web: l => [said(l, "streams"), one(l, "streams") === 1 ? "page follows live" : "pages follow live", `${said(l, "dropped")} dropped · ${said(l, "memory_bytes", "bytes")} of memory`],
    browser: l => [said(l, "age_s", "s"), "since the office's last word", `by ${said(l, "way")} · ${said(l, "resyncs")} begun anew`],
  };

  function browser() {
    const state = office.channel.state, now = Date.now();
    const age = state.heard ? (now - state.heard) / 1000 : null, answered = now - state.answered;
    const gone = answered > GONE_MS;
    const measures = [
      { key: "age_s", words: "age of the office's last word here", value: age, unit: "s", of: null },
      { key: "answered_s", words: "age of the page process's last answer", value: state.answered ? answered / 1000 : null, unit: "s", of: null },
      { key: "way", words: "how changes come", value: state.stream ? "stream" : "polling", unit: "", of: null },
      { key: "resyncs", words: "times it has begun anew", value: Math.max(0, state.resyncs - 1), unit: "", of: null },
      { key: "polled", words: "changes fetched because no stream brought them", value: state.polled, unit: "", of: null },
      { key: "offset_s", words: "its clock is ahead of the page process's by", value: S.offset === null ? null : S.offset, unit: "s", of: null },
    ];
    const lamp = gone ? "unknown" : age !== null && age * 1000 < BEHIND_MS ? "well" : "unknown";
    return { part: "browser", lamp, reason: "", measures };
  }
  function whole() {
    const gone = Date.now() - office.channel.state.answered > GONE_MS || S.said === null;
    const known = S.said && !gone ? S.said : { sentences: [], chain: ["broker", "simulator", "ingest", "history", "web"].map(part => ({ part, lamp: part === "web" && gone && S.said ? "broken" : "unknown", reason: "", measures: [] })) };
    const sentences = known.sentences.slice();
    if (gone && S.said) sentences.push({ link: "web", weight: "broken", what: "The page process does not answer this browser.", since: null, do: JSON.parse(by("doctor").dataset.gone) });
    return { sentences, chain: [...known.chain, browser()] };
  }
  function lampOn(node, lamp) {
    if (node.dataset.lamp === lamp) return;
    node.dataset.lamp = lamp;
    const mark = node.querySelector(".lamp");
    mark.dataset.state = SIGNS[lamp];
    mark.replaceChildren(office.sign(SIGNS[lamp]), document.createTextNode(WORDS[lamp]));
  }
  function drawBox(link) {
    const box = document.querySelector(`#doctor-chain [data-link="${link.part}"]`);
    const [number, unit, more] = link.measures.length ? HEAD[link.part](link) : [office.NONE, "", ""];
    lampOn(box, link.lamp);
    office.say(box.querySelector(".number"), number);
    office.say(box.querySelector(".unit"), unit);
    office.say(box.querySelector(".more"), more);
  }
  function drawSentences(sentences) {
    const list = by("doctor-sentences"), key = JSON.stringify(sentences);
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    list.replaceChildren(...sentences.map(sentence => {
      const item = office.element("li"), what = office.element("p", "what");
      item.dataset.weight = sentence.weight;
      what.dataset.state = sentence.weight === "broken" ? "down" : "idle";
      const since = sentence.since ? office.sinceWords(Date.parse(sentence.since)) : "";
      what.append(office.sign(what.dataset.state), office.element("b", "", sentence.link), document.createTextNode(`${sentence.what} ${since}`.trim()));
      const todo = office.element("dl", "do");
      for (const [place, words] of [["make demo", sentence.do.demo], ["Docker", sentence.do.docker]]) todo.append(office.element("dt", "", place), office.element("dd", "", words));
      item.append(what, todo);
      return item;
    }));
  }
  function drawVerdict({ sentences, chain }) {
    const broken = sentences.some(sentence => sentence.weight === "broken"), first = sentences[0];
    by("doctor-verdict").dataset.verdict = broken ? "differs" : first || !S.said ? "" : "agrees";
    const holds = chain.filter(link => ["well", "warning"].includes(link.lamp)).length;
    const there = chain.filter(link => link.lamp !== "absent").length;
    const named = [...new Set(sentences.filter(sentence => sentence.weight === "broken").map(sentence => sentence.link))];
    office.say(by("doctor-words"), !S.said ? "Asking each link …" : broken ? `${TITLE(named.join(" and "))} ${named.length === 1 ? "is" : "are"} broken; ${holds} of ${there} links are known to hold.` :
      first ? `All links hold; ${first.link} is worth a look.` : holds === there ? `All is well: ${holds} of ${there} links hold.` : `Nothing is broken; ${holds} of ${there} links are known to hold.`);
    by("doctor-wrong").hidden = !sentences.length;
  }
  function tableOf(link) {
    const table = office.element("table", "buckets"), body = office.element("tbody");
    table.append(office.element("caption", "", link.part), body);
    for (const measure of link.measures) {
      const row = office.element("tr"), name = office.element("th", "", measure.words), now = office.element("td");
      name.scope = "row";
      now.dataset.key = `${link.part}.${measure.key}`;
      now.append(office.element("b"), office.element("span", "of", measure.of === null ? "" : ` of ${shown(measure.of, measure.unit)}`));
      row.append(name, now);
      body.append(row);
    }
    return table;
  }
  function drawNumbers(chain) {
    const room = by("doctor-numbers"), told = chain.filter(link => link.measures.length);
    const rows = told.map(link => link.part + link.measures.map(measure => measure.key).join()).join(";");
    if (S.rows !== rows || room.childElementCount !== told.length) {
      S.rows = rows;
      room.replaceChildren(...told.map(tableOf));
    }
    told.forEach((link, i) => {
      const now = room.children[i].querySelectorAll("td > b");
      link.measures.forEach((measure, j) => office.say(now[j], shown(measure.value, measure.unit)));
    });
  }
  function draw() {
    if (!by("doctor")) return;
    const now = whole();
    now.chain.forEach(drawBox);
    drawVerdict(now);
    drawSentences(now.sentences);
    drawNumbers(now.chain);
  }
  async function ask() {
    if (document.hidden || S.asking || !by("doctor")) return;
    S.asking = true;
    try {
      const began = Date.now(), answer = await fetch("/api/health", { cache: "no-store" });
      if (answer.ok) {
        S.said = await answer.json();
        S.offset = ((began + Date.now()) / 2 - Date.parse(S.said.wall)) / 1000;
      }
    } catch (error) { /* the browser's own link says so */ } finally { S.asking = false; }
    draw();
  }
  addEventListener("page", () => { if (by("doctor")) { S.said = null; draw(); ask(); } });
  addEventListener("age", ask);
  addEventListener("live", draw);
})();
