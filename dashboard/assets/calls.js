/* Calls for people: those that are open, on the floor and on tiles, with the control that acknowledges one;
   and those of a window on a machine's page. What comes from the wire is only ever written as text. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const RULES = { stopped: "stopped", "micro-stops": "micro-stops repeat", "slow-cycle": "slow cycle", "no-data": "no data", trend: "trend" };
  const AGAIN_MS = 10000, FIRST = 6, MOST = 50, NEWEST = 12;
  const items = new Map(), asking = new Set();
  let all = false;

  const opened = () => (office.plant.calls ? office.plant.calls.calls : []);
  office.callsFor = machine => opened().filter(call => call.machine === machine);
  const ruleOf = call => RULES[call.rule] || call.rule;
  office.callWords = call => (call.cause === ruleOf(call) ? call.cause : `${ruleOf(call)}: ${call.cause}`);

  /* How far it is, in words, with the moment. */
  function stateOf(call) {
    if (call.restored_ms !== null) return "restored " + office.time(call.restored_ms);
    if (call.at_machine_ms !== null) return "at the machine since " + office.time(call.at_machine_ms);
    if (call.acknowledged_ms !== null) return `acknowledged ${office.time(call.acknowledged_ms)}` + (call.acknowledged_by ? ` by ${call.acknowledged_by}` : "");
    return call.escalated_ms !== null ? "nobody has answered: escalated " + office.time(call.escalated_ms) : "nobody has answered yet";
  }
  function makeItem(call) {
    const node = make("li", "call"), what = make("div", "call-what"), link = make("a", "call-machine", call.machine);
    link.href = "/machine/" + encodeURIComponent(call.machine);
    const i = { node, why: make("span", "call-why"), when: make("div", "call-when label"), state: make("div", "call-state"), button: make("button", "button small", "Acknowledge") };
    what.append(link, i.why);
    i.button.type = "button";
    i.button.dataset.call = call.id;
    i.button.setAttribute("aria-label", `Acknowledge the call for ${call.machine}: ${office.callWords(call)}`);
    node.append(what, i.when, i.state, i.button);
    return i;
  }
  function setItem(i, call, now) {
    office.say(i.why, office.callWords(call));
    office.say(i.when, `since ${office.time(call.since_ms)} · called ${office.time(call.raised_ms)}, ${office.duration(Math.max(0, now - call.raised_ms))} ago`);
    office.say(i.state, stateOf(call));
    const heard = call.acknowledged_ms !== null;
    i.node.classList.toggle("unheard", !heard);
    i.node.classList.toggle("escalated", !heard && call.escalated_ms !== null);
    i.button.hidden = heard;
    i.button.disabled = asking.has(call.id);
  }
  function drawFloor() {
    const list = by("calls-open"), board = office.plant.board;
    if (!list || !board) return;
    /* What is selected on the floor filters its calls too; more calls than are told exist only beyond those. */
    const picked = Boolean(office.picked()), meant = picked ? opened().filter(call => office.isPickedName(call.machine)) : opened();
    const everywhere = office.plant.calls ? office.plant.calls.total : 0, total = picked ? meant.length : everywhere;
    const calls = meant.slice(0, all ? MOST : FIRST);
    const unheard = meant.filter(call => call.acknowledged_ms === null).length;
    const names = new Set(calls.map(call => call.id));
    for (const id of [...items.keys()]) if (!names.has(id)) items.delete(id);
    for (const call of calls) {
      if (!items.has(call.id)) items.set(call.id, makeItem(call));
      setItem(items.get(call.id), call, board.now_ms);
    }
    const nodes = calls.map(call => items.get(call.id).node);
    nodes.forEach((node, k) => { if (list.children[k] !== node) list.insertBefore(node, list.children[k] || null); });
    while (list.children.length > nodes.length) list.lastChild.remove();
    list.hidden = !nodes.length;
    const more = by("calls-more");
    more.hidden = total <= FIRST;
    office.say(more, all ? "Show fewer" : `Show all ${total}`);
    more.setAttribute("aria-expanded", String(all));
    office.say(by("calls-words"), !office.plant.calls ? "" : !total ? (picked ? `none for what is selected, ${everywhere} in all` : "no machine needs anybody") :
      `${total} ${picked ? `of ${everywhere} ` : ""}open, ${unheard ? unheard + " not answered" : "all answered"}` + (total > calls.length ? `; the oldest ${calls.length} are shown` : ""));
  }
  async function acknowledge(button) {
    const id = button.dataset.call, said = by("calls-said");
    asking.add(id);
    button.disabled = true;
    const answer = await office.command({ what: "acknowledge", call: id });
    asking.delete(id);
    button.disabled = false;
    if (!said) return;
    said.hidden = false;
    office.said(said, answer, "The call is acknowledged.");
  }
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-call]");
    if (button) acknowledge(button);
    if (event.target.closest("#calls-more")) { all = !all; drawFloor(); }
  });

  /* --- a machine's window ------------------------------------------------------------------------- */
  let key = "", asked = 0, number = 0;
  const moment = text => (text === null ? null : Date.parse(text));
  const lasted = s => (s === null ? office.NONE : office.seconds(Math.round(s * 1000)));
  const STATES = { open: "open", acknowledged: "acknowledged", "at-machine": "at the machine", restored: "restored", closed: "closed", missed: "missed: found too late to call anybody" };
  const COLUMNS = [
    ["raised", call => office.clock(moment(call.raised))], ["what", call => office.callWords(call)], ["state", call => STATES[call.state] + (call.escalated ? ", escalated" : "")],
    ["noticed in", call => lasted(call.noticed_s)], ["heard in", call => lasted(call.to_acknowledge_s)],
    ["way", call => lasted(call.to_machine_s)], ["repair", call => lasted(call.repair_s)], ["closed", call => (call.closed ? office.clock(moment(call.closed)) : office.NONE)],
  ];
  function table(calls) {
    const box = make("table", "buckets cards calls-table"), head = make("thead"), titles = make("tr"), body = make("tbody");
    for (const [name] of COLUMNS) { const cell = make("th", "", name); cell.scope = "col"; titles.append(cell); }
    head.append(titles);
    for (const call of calls) {
      const line = make("tr");
      line.dataset.callState = call.state;
      COLUMNS.forEach(([label, said], k) => {
        const cell = make(k ? "td" : "th", "", said(call));
        if (k) cell.dataset.label = label; else cell.scope = "row";
        line.append(cell);
      });
      body.append(line);
    }
    box.append(head, body);
    return box;
  }
  office.calls = (machine, from, to) => {
    const box = by("machine-calls");
    if (!box) return;
    const query = { machine, from: new Date(from).toISOString() };
    if (to !== null) query.to = new Date(to).toISOString();
    if (office.plant.board) query.run = office.plant.board.run;
    by("csv-calls").href = "/api/calls?" + new URLSearchParams({ ...query, format: "csv" });
    const open = office.callsFor(machine).map(call => [call.id, call.acknowledged_ms, call.at_machine_ms, call.restored_ms]);
    const wanted = JSON.stringify([query, open]);
    if (wanted === key && box.children.length && (to !== null || Date.now() - asked < AGAIN_MS)) return;
    key = wanted;
    asked = Date.now();
    ask(query);
  };
  async function ask(query) {
    const mine = ++number;
    let shown, words = "";
    try {
      const answer = await fetch("/api/calls?" + new URLSearchParams(query), { cache: "no-store" });
      const said = await answer.json();
      if (!answer.ok) throw new Error(said.error || String(answer.status));
      const calls = said.calls, missed = calls.filter(call => call.missed).length;
      words = calls.length ? `${calls.length} in this window` + (missed ? `, ${missed} of them missed` : "") + (calls.length > NEWEST ? `; the newest ${NEWEST} are shown` : "") : "";
      shown = calls.length ? table(calls.slice(-NEWEST).reverse()) : make("p", "label", "Nobody was called to it in this window.");
    } catch (error) {
      shown = make("p", "label", "The calls cannot be read just now" + (error instanceof TypeError ? "." : ": " + error.message));
    }
    if (mine !== number || !by("machine-calls")) return;
    by("machine-calls").replaceChildren(shown);
    office.say(by("machine-calls-words"), words);
  }

  let due = false;
  function later() { if (!due) { due = true; requestAnimationFrame(() => { due = false; drawFloor(); }); } }
  for (const reason of ["live", "resize", "address"]) addEventListener(reason, later);
})();
