/* How a machine's state is known, learning it anew, and forgetting a device of one's own. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const WORDS = {
    reported: "Its control reports every change of state, stamped to the millisecond.",
    sensed: "A threshold that its birth states tells running from stopped; power alone does not tell idle from down.",
    learned: "A threshold is learned from its own power, once, and then kept; it tells running from stopped and nothing more.",
  };
  const moment = ms => office.date(ms) + ", " + office.time(ms);
  let root = null, known = null, controls = null, key = "", of = "", now_ms = 0;

  /* `care` is what the server says of it: {how, simulated, now_ms, versions}; `learning` what is still missing. */
  office.care = (machine, care, learning) => {
    const panel = by("machine-care");
    if (!panel || !care) return;
    const form = [machine, care.how, care.simulated].join("\n");
    now_ms = care.now_ms;
    /* Only what is known is drawn anew: what somebody types, and what was answered, stays where it is. */
    if (panel !== root || form !== of) {
      root = panel;
      of = form;
      key = "";
      known = make("div");
      controls = make("div");
      if (care.how === "learned") controls.append(relearn(machine));
      if (!care.simulated) controls.append(forget(machine));
      panel.replaceChildren(panel.firstElementChild, make("p", "", WORDS[care.how] || care.how), known, controls);
    }
    panel.hidden = false;
    const now = JSON.stringify([care.versions, learning]);
    if (now === key) return;
    key = now;
    known.replaceChildren(...(care.how === "learned" ? learned(care.versions, learning) : []));
  };
  function learned(versions, learning) {
    const said = [];
    if (learning) said.push(make("p", "strong-words", learning[0].toUpperCase() + learning.slice(1) + "."));
    if (!versions.length) return said;
    const table = make("table", "buckets cards versions"), head = make("tr"), thead = make("thead"), body = make("tbody");
    for (const text of ["version", "holds", "learned from", "signal", "running", "stopped"]) {
      const cell = make("th", "", text);
      cell.scope = "col";
      head.append(cell);
    }
    thead.append(head);
    for (const one of [...versions].reverse()) body.append(row(one, versions));
    table.append(make("caption", "unseen", "Versions of what was learned, the newest first"), thead, body);
    return [...said, table];
  }
  function row(one, versions) {
    const line = make("tr"), name = make("th", "", String(one.version)), done = one.from_ms !== null;
    const cell = (label, text) => { const node = make("td", "", text); node.dataset.label = label; line.append(node); return node; };
    name.scope = "row";
    line.append(name);
    cell("holds", done ? holds(one, versions) : `once it is learned, from ${one.since_ms === null ? "the beginning" : moment(one.since_ms)}`);
    cell("learned from", done ? `${office.count(one.readings)} readings, ${moment(one.from_ms)} to ${moment(one.to_ms)}` : "is being learned");
    cell("signal", one.signal || office.NONE);
    if (one.above !== null) {
      const level = value => office.value(value) + (one.unit ? "\u00a0" + one.unit : "");
      cell("running", "at or above " + level(one.above));
      cell("stopped", "at or below " + level(one.below)).title = "In between it is what it was before.";
    } else {
      const why = !done ? "not yet known" : one.signal ? `cannot tell: ${one.signal} shows no two levels clearly apart` : "cannot tell: it sends no signal";
      cell("running or stopped", why).colSpan = 2;
    }
    return line;
  }
  /* A version holds from its moment on until a later one does. */
  function holds(one, versions) {
    const later = versions.filter(other => other.version > one.version && other.from_ms !== null).map(other => other.since_ms);
    if (later.some(since => since === null || (one.since_ms !== null && since <= one.since_ms))) return "no longer";
    const from = one.since_ms === null ? "from the beginning" : "from " + moment(one.since_ms);
    return later.length ? `${from} until ${moment(Math.min(...later))}` : from + " on";
  }
  function relearn(machine) {
    const form = make("form", "relearn"), label = make("label", "", "Learn again from"), field = make("input"), go = make("button", "button", "Learn again"), answer = make("p", "said");
    field.type = "datetime-local";
    field.step = "1";
    field.required = true;
    const since = now_ms - 8 * office.HOUR;
    field.value = new Date(since + office.zoneOffset(since)).toISOString().slice(0, 19);
    label.append(field);
    go.type = "submit";
    answer.setAttribute("role", "status");
    form.append(label, go, answer);
    form.addEventListener("submit", async event => {
      event.preventDefault();
      const local = Date.parse(field.value + "Z"), at = local - office.zoneOffset(local);
      go.disabled = true;
      office.say(answer, "Asking.");
      const result = await office.command({ what: "relearn", machine, since: new Date(at).toISOString() });
      go.disabled = false;
      office.said(answer, result, "It learns again; what was concluded before stays");
      if (result.ok) dispatchEvent(new CustomEvent("learning"));
    });
    return form;
  }
  function forget(machine) {
    const row = make("div", "forget"), button = make("button", "button", "Forget this machine"), answer = make("p", "said");
    button.type = "button";
    answer.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      const sure = await office.confirm(`Forget ${machine}?`, "Its tile goes, and all that was measured of it with it. If it sends again it begins anew. This cannot be undone.", "Forget it");
      if (!sure) return;
      button.disabled = true;
      office.say(answer, "Asking.");
      const result = await office.command({ what: "forget", machine });
      button.disabled = false;
      office.said(answer, result, "It is forgotten");
    });
    row.append(button, make("span", "label", "A device of one's own has no file to delete: this takes its place."), answer);
    return row;
  }
})();
